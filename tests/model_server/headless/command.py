"""Running `maskloom segment` in this process, and reading what it leaves."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from model_server.headless.command import segment
from model_server.models.sam2.config import PRESETS
from tests.model_server.recipe_weights import MINI_OVERRIDES, Overrides, recipe_network

VISIBLE: Overrides = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": 20.0}
"""Recipe weights that take every object for visible."""


@dataclass(frozen=True)
class Outcome:
    """What one run said and left."""

    exit_code: int
    message: str
    out: Path

    def scores(self) -> dict[str, Any]:
        return json.loads((self.out / "scores.json").read_text())

    def mask(self, object_id: str, frame: int) -> NDArray[np.uint8]:
        return np.asarray(Image.open(self.out / object_id / f"{frame:05d}.png"))

    def logits(self, object_id: str, frame: int) -> NDArray[np.float32]:
        with np.load(self.out / "logits" / object_id / f"{frame:05d}.npz") as arrays:
            return arrays["logits"]

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.out)) for path in self.out.rglob("*") if path.is_file())


def run(video: Path, prompts: Any, out: Path, *options: str) -> Outcome:
    """`maskloom segment VIDEO --prompts ... --out ...`; prompts that are not a path are written beside `out`."""
    if not isinstance(prompts, Path):
        stored = out.parent / f"{out.name}.json"
        stored.write_text(json.dumps(prompts))
        prompts = stored
    app = typer.Typer()
    app.command()(segment)
    arguments = [str(video), "--prompts", str(prompts), "--out", str(out), "--threads", "1", *options]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return Outcome(result.exit_code, result.stderr, out)


def released_checkpoint(path: Path, preset: str = "mini", overrides: Overrides = VISIBLE) -> Path:
    """Recipe weights in the layout of the released files."""
    torch.save({"model": recipe_network(PRESETS[preset], overrides).state_dict()}, path)
    return path
