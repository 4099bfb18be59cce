"""Problems with files of weights: one class per reason to reject a file; the message says what was found."""

from __future__ import annotations


class CheckpointError(Exception):
    """The file does not hold the weights of a SAM 2 network."""


class NotWeights(CheckpointError):
    """Neither safetensors nor a file that torch wrote."""


class Truncated(CheckpointError):
    """The end is missing, as after an interrupted download or copy."""


class Corrupt(CheckpointError):
    """The contents are inconsistent: a checksum, a header, overlapping parts."""


class TooLarge(CheckpointError):
    """Larger than any SAM 2 checkpoint, or larger once unpacked than on disk."""


class CarriesCode(CheckpointError):
    """A pickle that names functions to call. Nothing of it was run."""


class WrongArchitecture(CheckpointError):
    """Weights of an unknown network; the message names the nearest known one and the differences."""


class BadNumbers(CheckpointError):
    """Weights that are not finite, or of a type that no SAM 2 checkpoint has."""


class NoTrunk(CheckpointError):
    """The network needs pretrained weights of a package that is missing, damaged or another version."""
