"""The three phases of the data engine: which tools each of them has. One table, for the server and the browser."""
