"""Problems of files of weights: each class is one reason not to take a file, and its message names what was found."""

from __future__ import annotations


class CheckpointError(Exception):
    """The file does not hold the weights of a SAM 2 network."""


class NotWeights(CheckpointError):
    """Neither safetensors nor a file that torch wrote."""


class Truncated(CheckpointError):
    """The end is missing: a download or a copy that stopped."""


class Corrupt(CheckpointError):
    """The contents contradict themselves: a checksum, a header, overlapping parts."""


class TooLarge(CheckpointError):
    """Larger than any SAM 2 checkpoint, or larger once unpacked than on disk."""


class CarriesCode(CheckpointError):
    """A pickle that names functions to call. Nothing of it was run."""


class WrongArchitecture(CheckpointError):
    """Weights of another network; the message names the nearest known one and how they differ."""


class BadNumbers(CheckpointError):
    """Weights that are not finite, or of a kind that no SAM 2 checkpoint has."""
