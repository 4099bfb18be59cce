"""How a network without pre-trained weights gets off the ground."""
