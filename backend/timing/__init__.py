"""Annotation time, derived from activity events."""
