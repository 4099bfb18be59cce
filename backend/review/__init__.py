"""Verification: the queue of masklets to look at, and verdicts."""
