"""Trains SAM 2 networks on clips it generates: procedural sprites in motion, interactive prompts simulated."""
