"""The kinds of models. To add one, add a package next to this file and a line here."""

from __future__ import annotations

from model_server.models.architecture import Architecture
from model_server.models.loom.architecture import LOOM
from model_server.models.sam2.architecture import SAM2
from model_server.models.weight_file import WeightFile

ARCHITECTURES: dict[str, Architecture] = {
    "loom": LOOM,
    "sam2": SAM2,
}


def architecture_of(file: WeightFile) -> Architecture:
    """The kind of model whose weights a file holds.

    An unrecognised file is left to SAM 2, which reports how the weights differ from the nearest network it knows.
    """
    return next((kind for kind in ARCHITECTURES.values() if kind.recognises(file)), SAM2)
