"""What the parts of the model in the box that are trained by themselves share: data, runs and joining."""
