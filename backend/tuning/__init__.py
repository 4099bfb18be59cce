"""The retraining loop: a model trained on verified masklets, judged on unseen videos, and used if a person says so."""
