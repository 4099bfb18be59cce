"""Change streams: one reader for each video, whatever the number of those who listen."""
