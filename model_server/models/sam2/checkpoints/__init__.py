"""Weights on disk: in the released layout, in that of Hugging Face, and in ours."""
