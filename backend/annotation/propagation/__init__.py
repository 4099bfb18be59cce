"""Runs: masklets propagated through the video, stored frame by frame."""
