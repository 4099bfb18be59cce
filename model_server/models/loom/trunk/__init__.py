"""The trunk that has seen the world: EfficientNet-Lite0 with ImageNet weights from a package, frozen."""
