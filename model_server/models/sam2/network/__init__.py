"""The tensors-only part of SAM 2: modules named as in the paper's figure, no I/O, no session state."""
