"""`maskloom train`: annotations train the model that helps to make them, as in the data engine (SAM 2, section 5)."""
