"""Datasets exported from a project."""
