"""Durable background work: job rows that people can watch, and a queue that commits together with them."""
