"""The choice of the model that answers prompts, for the site and for each project."""
