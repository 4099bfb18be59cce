"""Trains the prompt head of the model in the box, on pictures of objects and simulated prompts."""
