"""Clips encoded once: what a batch of them holds, and that training on them resumes exactly and moves no encoder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.batches import Material
from model_server.training.checkpoints import load_checkpoint
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.encoded import CHOICE, EncodedClip, EncodedClips, excerpt
from model_server.training.loop import RunSettings, train
from model_server.training.optimiser import scheduled_rate
from model_server.training.prompts import PromptPlan
from model_server.training.recipe import STAGES
from model_server.training.rollout import Annotator
from model_server.training.start.initialisation import initialise

LENGTH, SIDE = 6, 64
STAGE = replace(
    STAGES["correct"],
    num_steps=4,
    images=ClipShape(batch_size=2, num_frames=1, num_targets=2, size=SIDE),
    clips=ClipShape(batch_size=1, num_frames=5, num_targets=2, size=SIDE),
    encoded_clips=2,
    encoded_images=1,
)


def a_network() -> Sam2:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"])
    initialise(network)
    return network.eval()


def numbered_clip(visible: np.ndarray) -> EncodedClip:
    """Features that say which frame they are of; `visible` (T_s, K_s)."""
    numbers = torch.arange(float(len(visible)))[:, None, None, None]
    masks = torch.from_numpy(visible)[..., None, None].expand(-1, -1, 4, 4).clone()
    masks[..., 0, 0] &= False
    return EncodedClip(ImageFeatures(numbers, numbers, numbers), masks)


def run_settings(folder: Path) -> RunSettings:
    return RunSettings(folder=folder, report_every=2, save_every=2, validate_every=0)


def test_a_batch_holds_the_features_the_encoder_gives_for_its_frames_to_half_precision() -> None:
    network, stage = a_network(), replace(STAGE, clip_share=0.0, encoded_clips=0)
    batch = EncodedClips(network, stage, Material(0), torch.device("cpu")).make(0, 0)
    shape = replace(stage.images, batch_size=1, num_targets=CHOICE * stage.images.num_targets)
    frames = ClipGenerator(seed=0).batch(0, shape).frames[0]
    with torch.no_grad():
        expected = network.encode_image(normalise(frames))
    assert batch.features is not None
    assert batch.masks.shape[:3] == (2, 1, 2)
    assert batch.features.stride4.dtype == torch.float32
    torch.testing.assert_close(batch.features.stride16[:1], expected.stride16, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(batch.features.stride4[1:], expected.stride4, rtol=1e-3, atol=1e-3)


def test_an_annotator_plays_on_features_as_on_the_frames_they_are_of() -> None:
    network = a_network()
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(1, 3, 2, SIDE))
    with torch.no_grad():
        encoded = replace(batch, features=network.encode_image(normalise(batch.frames[0])))
        plan = PromptPlan("mask", (0,), (2,), 2)
        losses = [Annotator(network, each, plan, seed=0).play().loss.total().item() for each in (batch, encoded)]
    assert losses[0] == losses[1]


def test_excerpts_run_both_ways_at_two_speeds_and_their_masks_belong_to_their_frames() -> None:
    visible = np.ones((LENGTH, 3), bool)
    visible[4, :] = False
    clip, seen = numbered_clip(visible), set()
    for seed in range(200):
        part = excerpt(np.random.default_rng(seed), clip, 3, 2)
        frames = part.features.stride16.flatten().int().tolist()
        seen.add(tuple(np.diff(frames)))
        assert part.masks.shape[:2] == (3, 2)
        assert part.masks.flatten(1).any(dim=1).tolist() == [frame != 4 for frame in frames]
        assert frames[0] != 4
    assert seen == {(1, 1), (-1, -1), (2, 2), (-2, -2)}


def test_objects_that_go_away_are_chosen_more_often() -> None:
    visible = np.ones((LENGTH, 2), bool)
    visible[2:4, 1] = False
    clip = numbered_clip(visible)
    away = [not excerpt(np.random.default_rng(seed), clip, LENGTH, 1).masks[2].any() for seed in range(400)]
    assert np.mean(away) == pytest.approx(0.75, abs=0.06)


def test_a_lone_object_counts_twice() -> None:
    part = excerpt(np.random.default_rng(0), numbered_clip(np.ones((LENGTH, 1), bool)), 4, 2)
    assert torch.equal(part.masks[:, 0], part.masks[:, 1])


def test_an_encoder_that_learns_cannot_have_its_features_kept() -> None:
    learning = replace(STAGE, optimiser=replace(STAGE.optimiser, encoder_rate=0.5))
    for stage in (learning, replace(STAGE, uses=2)):
        with pytest.raises(ValueError, match="frozen encoder"):
            EncodedClips(a_network(), stage, Material(0), torch.device("cpu"))


def test_the_features_of_a_frame_cannot_be_turned() -> None:
    batch = EncodedClips(a_network(), STAGE, Material(0), torch.device("cpu")).make(0, 0)
    with pytest.raises(ValueError, match="turned"):
        batch.turned(1, mirrored=False)


def test_a_resumed_run_on_encoded_clips_ends_with_exactly_the_weights_of_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = a_network()
    train(whole, STAGE, run_settings(tmp_path / "whole"))

    def die_after_three(step: int, *rest: Any) -> float:
        if step == 3:
            raise KeyboardInterrupt
        return scheduled_rate(step, *rest)

    monkeypatch.setattr("model_server.training.loop.scheduled_rate", die_after_three)
    with pytest.raises(KeyboardInterrupt):
        train(a_network(), STAGE, run_settings(tmp_path / "parts"))
    monkeypatch.setattr("model_server.training.loop.scheduled_rate", scheduled_rate)
    assert load_checkpoint(tmp_path / "parts")["step"] == 2  # type: ignore[index]
    resumed = Sam2(PRESETS["mini"])
    train(resumed, STAGE, run_settings(tmp_path / "parts"))
    before = a_network().state_dict()
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
        frozen = name.startswith(("image_encoder.", "sam_mask_decoder.conv_s"))
        assert torch.equal(value, before[name]) or not frozen, name
    assert not torch.equal(whole.maskmem_tpos_enc, before["maskmem_tpos_enc"])
