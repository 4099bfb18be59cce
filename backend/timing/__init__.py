"""Honest annotation time: activity events in, seconds out."""
