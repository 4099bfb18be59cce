"""Segmentation models, one package per architecture; `registry.build` makes one by name."""
