"""The figures of the insights page, one file each; the registry lists them."""
