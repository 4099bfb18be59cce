"""Tuning: train a model on verified masklets, compare it on held-out videos, and use it if a person decides so."""
