"""`maskloom train`: what was annotated trains the model that annotates (SAM 2 section 5, the data engine's loop)."""
