"""What a run of training consists of: its stages, the model's in the box and the paper's."""
