"""Clicks and boxes, stored first and then answered by the model."""
