"""The losses of training, and the parts of the network that each of them teaches."""
