"""Studies: several people annotate the same objects in different phases, blind to each other, in balanced order."""
