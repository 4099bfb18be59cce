"""The edge towards browsers: who may call, how much they may send, and the built front end."""
