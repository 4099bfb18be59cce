"""Trains SAM 2, and networks built on it, on generated clips: procedural sprites in motion, with simulated prompts."""
