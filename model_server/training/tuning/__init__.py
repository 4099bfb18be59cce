"""Tunes a trained network on annotated clips: those of its parts that answer and track."""
