"""What several export formats share: palettes, run lengths, polygons, pictures with alpha, and lasting ids."""
