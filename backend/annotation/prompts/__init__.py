"""Clicks and boxes: stored first, then answered by the model."""
