"""Simulated annotators: they work through the real API on clips with ground truth, on a clock that runs for them."""
