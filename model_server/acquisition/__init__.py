"""`maskloom models`: list, inspect, fetch, add and remove models."""
