"""Simulated annotators, who work through the real API on clips with ground truth, by a simulated clock."""
