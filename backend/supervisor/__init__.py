"""`maskloom up`: start the database, the model servers and the backend, keep them running, and stop them."""
