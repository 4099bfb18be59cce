"""Measures a model on clips with ground truth."""
