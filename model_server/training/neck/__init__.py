"""Trains the neck of the model in the box, by which masks are carried, on clips of moving objects."""
