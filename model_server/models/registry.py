"""Models by name. To add one: a package with a `build` beside this file, and a line below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from model_server.models.sam2 import build as sam2
from model_server.segmenter import VideoSegmenter

BUILTIN_WEIGHTS = Path(sam2.__file__).parent / "weights" / "builtin.safetensors"

MODELS: dict[str, Callable[[torch.device], VideoSegmenter]] = {
    "builtin": lambda device: sam2.build(BUILTIN_WEIGHTS, device),
}


def build(name_or_path: str, device: str = "auto") -> VideoSegmenter:
    """The named model, or the SAM 2 weights at a path (.safetensors or a released .pt).

    `device` is "auto" (a GPU if there is one), "cpu", "cuda" or "cuda:1". Raises FileNotFoundError or CheckpointError.
    """
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    if name_or_path in MODELS:
        return MODELS[name_or_path](chosen)
    path = Path(name_or_path)
    if not path.is_file():
        names = ", ".join(MODELS)
        raise FileNotFoundError(f"{name_or_path!r} is neither a model ({names}) nor a file with weights")
    return sam2.build(path, chosen)
