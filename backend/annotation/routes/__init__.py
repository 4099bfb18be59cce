"""What a browser asks of annotation: HTTP in, services below, HTTP out."""
