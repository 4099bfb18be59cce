"""Whether everything serves."""
