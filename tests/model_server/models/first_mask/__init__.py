"""A third kind of model, as small as one can be: it repeats the first mask it was given."""
