"""Trains the outline of the model in the box, by which carried masks are drawn, for a neck that carries them."""
