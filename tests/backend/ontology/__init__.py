"""Tests of ontologies."""
