"""The recipes: what a stage may ask for, the stages of the model in the box, and those of the paper."""
