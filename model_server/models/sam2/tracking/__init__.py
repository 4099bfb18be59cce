"""Tracking: sessions, what they remember, and what comes of it."""
