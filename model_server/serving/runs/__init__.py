"""Runs: work on the device that goes on for a while and is streamed to whoever asked for it."""
