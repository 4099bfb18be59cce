"""Datasets written from a project."""
