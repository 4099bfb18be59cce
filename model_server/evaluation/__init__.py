"""Protocols and metrics that measure a model on clips with ground truth."""
