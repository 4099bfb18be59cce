"""Which neural network answers the prompts."""
