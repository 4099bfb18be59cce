"""Durable background work: rows a person can watch, run from a queue that commits with them."""
