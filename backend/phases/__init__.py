"""The three phases of the data engine and their tools, in one table for the server and the browser."""
