"""The web edge: checks of every request, and the built front end."""
