"""The models there are: the one in the box, the released ones to fetch, and a folder of those that were added."""
