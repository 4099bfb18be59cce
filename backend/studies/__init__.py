"""Studies: the same objects for different people under different phases, blind to each other, in balanced order."""
