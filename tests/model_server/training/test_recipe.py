"""The parts of the paper's recipe: its stages, regularisation, precision, and what is done to clips."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training import loop
from model_server.training.clips.annotated import AnnotatedClips, _moments
from model_server.training.clips.augmentation import relight, warp
from model_server.training.clips.clip import Clip, ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.clips.mosaic import mosaic, with_mosaics
from model_server.training.clips.scene import cut_away
from model_server.training.drop_path import set_drop_path
from model_server.training.objectives.losses import BALANCED
from model_server.training.optimiser import OptimiserSettings, build_optimiser, scheduled_rate
from model_server.training.prompts import PromptPlan, draw_plan
from model_server.training.recipe import STAGES
from model_server.training.recipes.stage import Stage
from model_server.training.rollout import Annotator
from model_server.training.start.initialisation import initialise

SHAPE = ClipShape(batch_size=2, num_frames=3, num_targets=2, size=64)
QUICK = replace(STAGES["overfit"], images=replace(SHAPE, num_frames=1), clips=SHAPE, clip_share=1.0)


def fresh_network() -> Sam2:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"])
    initialise(network)
    return network.train()


@pytest.fixture
def batch() -> ClipBatch:
    return ClipGenerator(seed=0, num_surfaces=4).batch(0, SHAPE)


def test_the_papers_stages_are_the_papers() -> None:
    full, long = STAGES["paper-full"], STAGES["paper-long"]
    assert (full.clips.num_frames, long.clips.num_frames) == (8, 16)
    for stage in (STAGES["paper-images"], full, long):
        assert (stage.min_corrections, stage.max_corrections) == (7, 7)
        assert stage.mask_loss.focal_weight == 20
        assert stage.looks_add_up
        assert stage.bfloat16
        assert stage.optimiser.clip_norm == 0.1
        assert stage.clips.num_targets == 3
    assert full.optimiser.learning_rate * full.optimiser.encoder_rate == pytest.approx(6e-5)
    assert (full.optimiser.learning_rate, full.mosaic_share, full.drop_path) == (3e-4, 0.1, 0.1)
    assert long.optimiser.learning_rate == full.optimiser.learning_rate / 2
    assert (long.optimiser.encoder_rate, long.most_edited) == (0.0, 0.5)


def test_a_stage_with_fixed_corrections_never_asks_for_fewer(batch: ClipBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(rng: np.random.Generator, *, num_corrections: int, **rest: object) -> PromptPlan:
        asked.append(num_corrections)
        return draw_plan(rng, num_corrections=0, num_frames=3)

    monkeypatch.setattr(loop, "draw_plan", counted)
    stage = replace(QUICK, min_corrections=2, max_corrections=2)
    network = fresh_network()
    for index in range(6):
        loop._loss(network, stage, batch, (0, index, 0))
    assert asked == [2] * 6


def test_the_rate_of_image_training_falls_with_the_root_of_the_steps_and_ends_at_nothing() -> None:
    settings = OptimiserSettings(warmup_steps=10, timescale=100, cooldown_steps=50)
    assert scheduled_rate(9, 1000, settings) == pytest.approx(1.0)
    assert scheduled_rate(310, 1000, settings) == pytest.approx(0.5)
    assert scheduled_rate(975, 1000, settings) == pytest.approx(0.5 * (100 / 1065) ** 0.5)
    assert scheduled_rate(999, 1000, settings) < 0.01


def test_layers_learn_at_their_own_rates_and_norms_are_not_decayed() -> None:
    network = fresh_network()
    optimiser = build_optimiser(network, OptimiserSettings(layer_decay=0.5, weight_decay=0.1, second_moment=0.999))
    group_of = {id(p): group for group in optimiser.param_groups for p in group["params"]}
    blocks = network.image_encoder.trunk.blocks
    rates = [group_of[id(block.mlp.layers[0].weight)]["rate"] for block in blocks]  # pyright: ignore
    assert rates == pytest.approx([0.5 ** (len(blocks) - 1 - index) for index in range(len(blocks))])
    assert group_of[id(blocks[0].norm1.weight)]["weight_decay"] == 0  # pyright: ignore
    assert group_of[id(blocks[0].mlp.layers[0].weight)]["weight_decay"] == 0.1  # pyright: ignore
    assert optimiser.param_groups[0]["betas"] == (0.9, 0.999)


def test_late_blocks_are_skipped_more_often_and_only_in_training() -> None:
    network = fresh_network()
    set_drop_path(network, 0.3)
    rates = [block.drop_path for block in network.image_encoder.trunk.blocks]
    assert rates == pytest.approx(np.linspace(0, 0.3, len(rates)))
    set_drop_path(network, 0.9)
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        trained = [network.encode_image(image).stride16 for _ in range(4)]
        network.eval()
        served = [network.encode_image(image).stride16 for _ in range(2)]
    assert any(not torch.equal(trained[0], other) for other in trained[1:])
    assert torch.equal(*served)


def test_bfloat16_steps_stay_near_those_of_float32_and_keep_float32_weights(batch: ClipBatch) -> None:
    exact = loop._loss(fresh_network(), QUICK, batch, (0, 0, 0))[0]
    network = fresh_network()
    stage = replace(QUICK, bfloat16=True)
    rounded = loop._loss(network, stage, batch, (0, 0, 0))[0]
    assert rounded.dtype == torch.float32
    assert rounded.item() != exact.item()
    assert rounded.item() == pytest.approx(exact.item(), rel=0.05)
    optimiser = build_optimiser(network, stage.optimiser)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    row = loop.train_step(network, optimiser, stage, loop.Step((0, 0), {0: batch}))
    assert np.isfinite(row["gradient"])
    assert all(p.dtype == torch.float32 for p in network.parameters())
    moved = {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    assert any(name.startswith("memory_encoder") for name in moved)


def test_the_target_of_a_mosaic_is_in_one_quarter_and_its_likeness_in_all() -> None:
    frames, masks = torch.zeros(2, 3, 64, 64), torch.zeros(2, 1, 64, 64, dtype=torch.bool)
    masks[:, :, 8:24, 40:56] = True
    frames[:, :, 8:24, 40:56] = 1.0
    for place in range(4):
        tiled, target = mosaic(frames, masks, place, np.array([False, True, False, True]))
        row, column = divmod(place, 2)
        inside = target[:, 0, row * 32 : row * 32 + 32, column * 32 : column * 32 + 32]
        assert inside.sum() == target.sum() == 2 * 8 * 8
        bright = tiled.mean(dim=1) > 0.5
        assert bright.sum() == 4 * inside.sum()
        assert bright[target[:, 0]].all()


def test_a_tenth_of_the_clips_are_mosaics_and_images_never() -> None:
    clips = ClipBatch(torch.rand(1, 2, 3, 16, 16), torch.ones(1, 2, 1, 16, 16, dtype=torch.bool))
    changed = [
        not torch.equal(with_mosaics(np.random.default_rng(i), clips, 0.1).frames, clips.frames) for i in range(1000)
    ]
    assert np.mean(changed) == pytest.approx(0.1, abs=0.03)
    image = ClipBatch(clips.frames[:, :1], clips.masks[:, :1])
    assert with_mosaics(np.random.default_rng(0), image, 1.0) is image


def test_a_mosaic_never_loses_its_target() -> None:
    masks = torch.zeros(1, 2, 1, 16, 16, dtype=torch.bool)
    masks[..., 3, 3] = True  # a quarter of a pixel at half the size
    clips = ClipBatch(torch.rand(1, 2, 3, 16, 16), masks)
    assert torch.equal(with_mosaics(np.random.default_rng(0), clips, 1.0).masks, masks)


def test_a_warp_moves_masks_with_their_pixels_and_all_frames_alike() -> None:
    pixels = np.zeros((3, 4, 64, 64), np.float32)
    pixels[:, :3] = 0.45
    pixels[:, :, 20:44, 12:36] = 1.0
    angles = set()
    for seed in range(5):
        warped = warp(np.random.default_rng(seed), pixels)
        assert np.array_equal(warped[0], warped[2])
        bright, mask = warped[0, 0] > 0.725, warped[0, 3] > 0.5
        assert (bright ^ mask).sum() <= 2
        assert mask.sum() == pytest.approx(24 * 24, rel=0.1)
        angles.add(int(mask[20].sum()))
    assert len(angles) > 1


def test_light_changes_a_little_for_the_clip_and_from_frame_to_frame() -> None:
    frames = np.full((4, 3, 8, 8), 0.5, np.float32)
    frames[:, 0] = 0.7
    grey = 0
    for seed in range(200):
        lit = relight(np.random.default_rng(seed), frames)
        # Saturation spreads the channels a little beyond what brightness and contrast may do.
        assert 0.5 * 0.7 < lit[:, 1].mean() < 0.5 * 1.3
        levels = lit[:, 1].mean(axis=(1, 2))
        assert len(set(levels.tolist())) == 4
        grey += bool(np.allclose(lit[:, 0], lit[:, 1], atol=1e-5))
    assert grey / 200 == pytest.approx(0.05, abs=0.04)


def test_time_is_reversed_half_of_the_time() -> None:
    rng = np.random.default_rng(0)
    backward = [moments[0] > moments[-1] for moments in (_moments(rng, 20, 8) for _ in range(1000))]
    assert np.mean(backward) == pytest.approx(0.5, abs=0.05)


def test_the_second_stage_keeps_the_half_that_was_corrected_most(tmp_path: Path) -> None:
    clip = np.zeros((4, 32, 32, 3 + 4), np.uint8)
    for layer in range(4):
        clip[..., 8 * layer : 8 * layer + 8, :, 3 + layer] = 1
        clip[..., 8 * layer : 8 * layer + 8, :, :3] = 60 * layer
    np.savez(tmp_path / "clips.npz", **{"a": clip, "a.edited": np.array([1, 9, 5, -1])})  # pyright: ignore
    everything = AnnotatedClips(tmp_path / "clips.npz", seed=0)
    hardest = AnnotatedClips(tmp_path / "clips.npz", seed=0, most_edited=0.5)
    assert everything._clips[0].shape[3] == 3 + 4
    kept = hardest._clips[0]
    assert [int(kept[0, ..., 3 + layer].argmax(axis=0)[0]) // 8 for layer in range(kept.shape[3] - 3)] == [1, 2, 3]


def test_after_a_cut_the_objects_of_the_first_shot_are_absent() -> None:
    shot = Clip(np.ones((6, 3, 8, 8), np.float32), np.ones((6, 1, 8, 8), bool))
    other = Clip(np.zeros((6, 3, 8, 8), np.float32), np.ones((6, 1, 8, 8), bool))
    returned = 0
    for seed in range(100):
        cut = cut_away(np.random.default_rng(seed), shot, other)
        shows = cut.masks[:, 0].any(axis=(1, 2))
        assert shows[0]
        assert not shows.all()
        assert np.array_equal(cut.frames.mean(axis=(1, 2, 3)) == 1, shows)
        assert np.abs(np.diff(shows.astype(int))).sum() <= 2
        returned += bool(shows[-1])
    assert 10 < returned < 60


def test_some_thin_objects_cross_the_frame_fast() -> None:
    from model_server.training.clips.scene import cast_actor
    from model_server.training.clips.sprites import Sprite

    alpha = np.zeros((32, 32), np.float32)
    alpha[np.arange(32), np.arange(32)] = 1
    thin = Sprite(np.zeros((3, 32, 32), np.float32), alpha, alpha)
    full = replace(thin, alpha=np.ones((32, 32), np.float32))
    assert thin.is_thin
    assert not full.is_thin

    def fast(sprite: Sprite) -> float:
        paths = (cast_actor(np.random.default_rng(seed), sprite, 8).pose.centre for seed in range(300))
        return float(np.mean([np.abs(np.diff(path, axis=0)).max() > 0.3 for path in paths]))

    assert fast(thin) > 2 * fast(full)


def some_stages() -> Iterator[Stage]:
    yield from STAGES.values()


def test_every_stage_trains_on_whole_batches_of_one_kind() -> None:
    for stage in some_stages():
        assert stage.images.num_frames == 1
        assert stage.clips.num_frames > 1
        assert 0 <= stage.clip_share <= 1


def test_gradients_flow_through_memory_to_the_frame_it_was_made_from() -> None:
    """The loss of the last frame alone reaches the mask of the first through memory."""
    network = fresh_network()
    clip = ClipGenerator(seed=0, num_surfaces=4).batch(0, replace(SHAPE, batch_size=1))
    annotator = Annotator(network, clip, PromptPlan("mask", (0,), (), 0), seed=0, mask_loss=BALANCED)
    annotator.play()
    annotator._losses[-1].total().backward()
    reached = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    for part in ("memory_encoder.mask_downsampler", "memory_encoder.fuser", "memory_attention.layers.0", "maskmem"):
        assert any(name.startswith(part) for name in reached), part
