"""Segmenting an image: what must hold whatever the weights, and our own recording of it.

The recording was made on a day when every recorded call of the released image predictor passed (test_image_golden.py).
To make it anew after that: `python -m tests.model_server.models.sam2.images.test_image`.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.images.image_segmenter import EncodedImage, ImageMask, ImageOptions, ImageSegmenter
from model_server.models.sam2.network.prediction import stability
from model_server.segmenter import Box, Click, FramePrompt
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network

RECORDING = Path(__file__).parents[4] / "golden" / "image_mode.npz"
HEIGHT, WIDTH = 270, 480
CLICK = FramePrompt((Click(200, 135, True),))
CLICKS = FramePrompt((Click(200, 135, True), Click(40, 40, False)))
BOX = FramePrompt(box=Box(140, 60, 260, 210))
BOX_AND_CLICK = FramePrompt((Click(40, 40, False),), Box(140, 60, 260, 210))
PROMPTS = {"click": CLICK, "clicks": CLICKS, "box": BOX, "box_and_click": BOX_AND_CLICK}


def picture() -> NDArray[np.uint8]:
    """Coloured waves with two ellipses, one inside the other."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    image = np.stack([128 + 60 * np.sin(x / (17 + 6 * c)) * np.cos(y / (15 - 3 * c)) for c in range(3)], axis=-1)
    image[((x - 200) / 60) ** 2 + ((y - 135) / 75) ** 2 <= 1] = (220, 160, 70)
    image[((x - 215) / 20) ** 2 + ((y - 120) / 25) ** 2 <= 1] = (60, 200, 120)
    return image.astype(np.uint8)


@cache
def encoded(preset: str = "mini", object_bias: float = -4.7) -> EncodedImage:
    torch.set_num_threads(1)
    overrides = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": object_bias}
    return ImageSegmenter(recipe_network(PRESETS[preset], overrides)).encode(picture())


def answers(preset: str) -> dict[str, list[ImageMask]]:
    """Every prompt with three masks and with one, a refined mask, and a mask alone."""
    image = encoded(preset)
    given = {
        f"{name}/{count}": image.segment(prompt, multimask=count == 3)
        for name, prompt in PROMPTS.items()
        for count in (1, 3)
    }
    previous = given["click/3"][1].low_res_logits
    given["refined/1"] = image.segment(CLICKS, multimask=False, previous=previous)
    given["mask_alone/1"] = image.segment(None, multimask=False, previous=previous)
    given["drawn_mask/3"] = image.segment(FramePrompt(mask=given["box/1"][0].mask))
    return given


def summary(masks: list[ImageMask]) -> dict[str, NDArray[np.float32]]:
    logits = np.stack([mask.low_res_logits[2::4, 2::4] for mask in masks])
    scores = [(mask.predicted_iou, mask.stability, mask.mask.mean()) for mask in masks]
    return {"logits": logits, "scores": np.array(scores, np.float32)}


@pytest.mark.parametrize("preset", ["mini", "mini-2.0"])
def test_an_image_gives_what_it_gave_before(preset: str) -> None:
    with np.load(RECORDING) as recorded:
        for name, masks in answers(preset).items():
            for part, values in summary(masks).items():
                np.testing.assert_allclose(values, recorded[f"{preset}/{name}/{part}"], atol=1e-3, err_msg=name)


def test_a_click_has_three_candidates_and_one_answer() -> None:
    candidates = encoded().segment(CLICK)
    assert len(candidates) == 3
    assert len({candidate.mask.tobytes() for candidate in candidates}) == 3
    assert all(candidate.mask.shape == (HEIGHT, WIDTH) for candidate in candidates)
    assert len(encoded().segment(CLICK, multimask=False)) == 1


def test_prompts_asked_together_are_answered_as_if_alone() -> None:
    image = encoded()
    points = np.array([[[200, 135]], [[40, 40]], [[400, 200]]], float)
    labels = np.ones((3, 1), int)
    together = image.answer(image.points(points, labels), multimask=True)
    for row in range(3):
        alone = image.answer(image.points(points[row : row + 1], labels[:1]), multimask=True)
        torch.testing.assert_close(alone.logits[0], together.logits[row], atol=2e-4, rtol=0)
        torch.testing.assert_close(alone.predicted_ious[0], together.predicted_ious[row], atol=2e-5, rtol=0)


def test_an_image_is_never_taken_to_lack_the_object() -> None:
    doubted, trusted = (encoded(object_bias=bias).segment(CLICK) for bias in (-1000.0, 1000.0))
    for one, other in zip(doubted, trusted, strict=True):
        np.testing.assert_array_equal(one.low_res_logits, other.low_res_logits)
        assert one.mask.any()


def test_logits_to_be_fed_back_are_bounded_and_the_mask_is_not_affected() -> None:
    masks = encoded().segment(CLICK)
    assert max(np.abs(mask.low_res_logits).max() for mask in masks) <= 32
    limitless = encoded().answer(encoded().points(np.array([[[200.0, 135.0]]]), np.ones((1, 1), int)), multimask=True)
    full = encoded().upscale(limitless.logits[0]).numpy() > 0
    np.testing.assert_array_equal(full, np.stack([mask.mask for mask in masks]))


def test_an_unstable_single_mask_gives_way_only_when_asked_to() -> None:
    network = encoded().segmenter.network
    strict = ImageSegmenter(network, ImageOptions(stability_fallback=False)).encode(picture())
    y, x = np.meshgrid(np.linspace(20, 250, 6), np.linspace(20, 460, 6))
    points = strict.points(np.stack([x, y], -1).reshape(-1, 1, 2), np.ones((36, 1), int))
    firsts = strict.answer(points, multimask=False).logits
    candidates = strict.answer(points, multimask=True)
    unstable = stability(firsts[:, 0]) < 0.98
    assert unstable.any()
    assert not unstable.all()
    best = candidates.logits[torch.arange(36), candidates.predicted_ious.argmax(1)][:, None]
    expected = torch.where(unstable[:, None, None, None], best, firsts)
    torch.testing.assert_close(encoded().answer(points, multimask=False).logits, expected)


def test_asking_nothing_and_masks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="is asked with"):
        encoded().segment(None)
    with pytest.raises(ValueError, match="the mask is"):
        encoded().segment(FramePrompt(mask=np.ones((3, 4), bool)))


if __name__ == "__main__":
    arrays = {
        f"{preset}/{name}/{part}": values
        for preset in ("mini", "mini-2.0")
        for name, masks in answers(preset).items()
        for part, values in summary(masks).items()
    }
    np.savez_compressed(RECORDING, **arrays)
