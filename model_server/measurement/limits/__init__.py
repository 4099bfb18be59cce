"""Clips drawn for measurement: one limit of trackers each, with the truth of every pixel."""
