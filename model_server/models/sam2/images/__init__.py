"""Single images: SAM 2 without a memory, and masks of everything."""
