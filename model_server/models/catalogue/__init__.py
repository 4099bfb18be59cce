"""The catalogue of models: the one in the box, the released ones, and a folder of those that were added."""
