"""`maskloom up`: the database, the model server and the backend as one program that starts, heals and stops."""
