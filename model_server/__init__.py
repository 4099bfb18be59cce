"""Maskloom's model server: the segmenters, their sessions and the service around them."""
