"""The model in the box: a small SAM 2 that carries masks cell by cell and looks closer at what is clicked."""
