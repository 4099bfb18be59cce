"""Images against recordings of the released image predictor, within the rounding noise of the recording."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.images.image_segmenter import (
    EncodedImage,
    ImageAnswer,
    ImageOptions,
    ImageSegmenter,
    as_image_input,
)
from model_server.models.sam2.network.prediction import PromptTensors
from tests.model_server.golden_scenarios import GOLDEN, REASON_ABSENT
from tests.model_server.recipe_weights import recipe_network

RECORDING = GOLDEN / "image" / "image_predictor"
DESCRIPTION: dict[str, Any] = (
    json.loads(RECORDING.with_suffix(".json").read_text()) if RECORDING.with_suffix(".npz").is_file() else {"calls": {}}
)
CALLS = [
    pytest.param(tag, name, options, id=f"{tag}-{name}")
    for tag, calls in DESCRIPTION["calls"].items()
    if tag != "batch"
    for name, options in calls
]
pytestmark = pytest.mark.skipif(not CALLS, reason=REASON_ABSENT)
IMAGES = {"orig": "image_orig", "orig_nopost": "image_orig", "small": "image_small"}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(("tag", "name", "options"), CALLS)
def test_an_image_gives_the_recorded_masks(tag: str, name: str, options: dict[str, Any]) -> None:
    image = encoded(DESCRIPTION[IMAGES[tag]], not tag.endswith("_nopost"))
    previous = None
    if "mask_input" in options:
        first = image.answer(prompts(image, dict(DESCRIPTION["calls"]["orig"])["point_multi"], None), multimask=True)
        previous = first.previous[:, first.predicted_ious.argmax()][:, None]
    answer = image.answer(prompts(image, options, previous), multimask=options["multimask_output"])
    check(image, answer, f"{tag}/{name}")


@pytest.mark.parametrize(
    ("tag", "picture", "point"), [("image0", "image_orig", (390, 220)), ("image1", "image_orig2", (250, 270))]
)
def test_images_of_a_batch_are_as_those_alone(tag: str, picture: str, point: tuple[int, int]) -> None:
    image = encoded(DESCRIPTION[picture], True)
    answer = image.answer(prompts(image, {"point_coords": [point], "point_labels": [1]}, None), multimask=True)
    check(image, answer, f"batch/{tag}")


def test_the_input_and_the_features_are_the_recorded_ones() -> None:
    picture = pixels(DESCRIPTION["image_orig"])
    image = as_image_input(picture, 256)[0]
    assert abs(image[:, ::8, ::8].numpy() - recorded()["_input/strided"]).max() < 2e-6
    features = encoded(DESCRIPTION["image_orig"], True).features
    network = segmenter(True).network
    with torch.inference_mode():
        close(network.condition(features, None)[0].numpy(), "_embed/image_embed", 1e-4)
        close(features.stride4[0, :, ::4, ::4].numpy(), "_embed/s0", 1e-4)
        close(features.stride8[0, :, ::2, ::2].numpy(), "_embed/s1", 1e-4)


def check(image: EncodedImage, answer: ImageAnswer, key: str) -> None:
    """Logits, predicted IoU, area and probes of one call."""
    rows = answer.logits.shape[0] * answer.logits.shape[1]
    full = image.upscale(answer.logits.flatten(0, 1)).numpy()
    shape = recorded()[f"{key}/ious"].shape
    close(answer.previous.reshape(*shape, *answer.logits.shape[-2:]).numpy(), f"{key}/low_res", 2e-4)
    close(answer.predicted_ious.reshape(shape).numpy(), f"{key}/ious", 2e-5)
    close((full > 0).reshape(rows, -1).sum(1).reshape(shape), f"{key}/area", 20)
    probes = full[:, 22::45, 24::48]
    close(probes.reshape(*shape, *probes.shape[1:]), f"{key}/probe", 2e-4)


def close(ours: NDArray[Any], key: str, tolerance: float) -> None:
    theirs = recorded()[key]
    assert ours.shape == theirs.shape, key
    noise = DESCRIPTION["fp32_noise"].get(key, 0)
    assert np.abs(ours.astype(np.float64) - theirs).max() <= max(tolerance, 10 * noise), key


def prompts(image: EncodedImage, options: dict[str, Any], previous: torch.Tensor | None) -> PromptTensors:
    """A recorded call's points, boxes and earlier logits."""
    box = np.array(options.get("box", np.zeros((0, 4))), float).reshape(-1, 2, 2)
    points = np.array(options.get("point_coords", np.zeros((0, 2))), float)
    points = points[None] if points.ndim == 2 else points
    if not options.get("normalize_coords", True):
        points = points * [image.geometry.video_width, image.geometry.video_height]
    labels = np.array(options.get("point_labels", np.zeros(0)), int).reshape(points.shape[:2])
    if len(box):
        points = np.concatenate([box, np.broadcast_to(points, (len(box), *points.shape[1:]))], axis=1)
        corners = np.broadcast_to([2, 3], (len(box), 2))
        labels = np.concatenate([corners, np.broadcast_to(labels, (len(box), labels.shape[1]))], axis=1)
    drawn = image.points(points, labels)
    return PromptTensors(drawn.points, drawn.labels, previous)


@cache
def recorded() -> dict[str, NDArray[Any]]:
    with np.load(RECORDING.with_suffix(".npz")) as arrays:
        return dict(arrays)


@cache
def segmenter(stability_fallback: bool) -> ImageSegmenter:
    network = recipe_network(PRESETS[DESCRIPTION["config"]], DESCRIPTION["weight_overrides"])
    return ImageSegmenter(network, ImageOptions(stability_fallback))


def pixels(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(GOLDEN / name).convert("RGB"))


@cache
def encoded(name: str, stability_fallback: bool) -> EncodedImage:
    return segmenter(stability_fallback).encode(pixels(name))
