"""What is scored in training, and how."""
