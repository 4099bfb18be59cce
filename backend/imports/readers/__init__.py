"""Readers of datasets: one file for each layout, and one line in the registry; what several share beside them."""
