"""What is stored of an annotation, how it is queried, and how the API shows it."""
