"""Runs: masklets carried through the video, stored frame by frame."""
