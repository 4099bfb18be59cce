"""Our session against its own recording, made on a day when it agreed with every recording of the released predictor.

The frames are drawn here and the weights follow from the recipe, so this runs anywhere. To record anew, after the
comparison in test_golden.py passed: `python -m tests.model_server.test_recorded_session`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.memory_bank import MemoryRules
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.session import REFERENCE_BEHAVIOUR, Behaviour, Sam2Session, SessionOptions
from model_server.segmenter import Box, Click, FramePrompt, FrameResult
from tests.model_server.golden_scenarios import StoredFrames, drawn_mask
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network

OVERRIDES = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": -3.7}
"""With this bias the object is seen on the frames below, so that there are logits to compare."""
RECORDING = Path(__file__).parents[1] / "golden" / "mini_session.npz"
HEIGHT, WIDTH, NUM_FRAMES = 540, 960, 5
DRAWN = drawn_mask({"size": (HEIGHT, WIDTH), "ellipses": [(400, 270, 90, 120)]})
PROMPTS = {
    "click": FramePrompt((Click(400, 270, True),)),
    "box_and_clicks": FramePrompt((Click(400, 150, True), Click(700, 400, False)), Box(300, 140, 500, 400)),
    "mask": FramePrompt(mask=DRAWN),
}
BEHAVIOURS = {"ours": Behaviour(), "reference": REFERENCE_BEHAVIOUR}
CASES = [
    f"{revision}/{behaviour}/{prompt}"
    for revision in ("mini", "mini-2.0")
    for behaviour in BEHAVIOURS
    for prompt in PROMPTS
]


def frames() -> StoredFrames:
    """Coloured waves with an ellipse that moves over them, at the network's input size."""
    y, x = np.mgrid[:256, :256].astype(np.float64)
    images: list[NDArray[np.uint8]] = []
    for index in range(NUM_FRAMES):
        waves = [128 + 60 * np.sin(x / (9 + 4 * c)) * np.cos(y / (13 - 3 * c)) for c in range(3)]
        image = np.stack(waves, axis=-1)
        inside = ((x - 106 - 6 * index) / 24) ** 2 + ((y - 128) / 57) ** 2 <= 1
        image[inside] = (220, 190 - 20 * index, 70)
        images.append(image.astype(np.uint8))
    return StoredFrames(images, HEIGHT, WIDTH)


def play(case: str) -> Iterator[FrameResult]:
    """Prompt the middle frame, track forward and backward, correct the last frame, and track forward again."""
    revision, behaviour, prompt = case.split("/")
    options = SessionOptions(MemoryRules(), BEHAVIOURS[behaviour])
    session = Sam2Session(network(revision), frames(), options)
    yield session.prompt("a", 2, PROMPTS[prompt])
    for frame in (3, 4):
        yield session.track("a", frame, "forward")
    for frame in (1, 0):
        yield session.track("a", frame, "backward")
    yield session.prompt("a", 4, FramePrompt((Click(520, 270, True),)))
    for frame in (3, 4):
        yield session.track("a", frame, "forward")


_NETWORKS: dict[str, Sam2] = {}


def network(revision: str) -> Sam2:
    if revision not in _NETWORKS:
        torch.set_num_threads(1)
        _NETWORKS[revision] = recipe_network(PRESETS[revision], OVERRIDES)
    return _NETWORKS[revision]


def summary(results: list[FrameResult]) -> dict[str, NDArray[np.float32]]:
    logits = np.stack([result.low_res_logits[2::4, 2::4] for result in results])
    scores = [(r.object_score, r.predicted_iou, r.mask.sum() / r.mask.size) for r in results]
    return {"logits": logits, "scores": np.array(scores, np.float32)}


@pytest.mark.parametrize("case", CASES)
def test_a_session_gives_what_it_gave_before(case: str) -> None:
    ours = summary(list(play(case)))
    with np.load(RECORDING) as recorded:
        for name, values in ours.items():
            # A difference of 1e-6 between processors can flip a bit of a bfloat16 memory.
            np.testing.assert_allclose(values, recorded[f"{case}/{name}"], atol=1e-2 if name == "logits" else 2e-3)


if __name__ == "__main__":
    arrays = {f"{case}/{name}": values for case in CASES for name, values in summary(list(play(case))).items()}
    np.savez_compressed(RECORDING, **arrays)
