"""Verification: the queue of masklets to verify, and verdicts."""
