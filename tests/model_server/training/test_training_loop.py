"""The loop learns, resumes exactly, and its gradients reach every part that must learn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from model_server.models.sam2.checkpoints import checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.__main__ import main
from model_server.training.batches import Material, Schedule, batches
from model_server.training.checkpoints import load_checkpoint, save_weights
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.loop import RunSettings, train
from model_server.training.objectives.losses import BALANCED
from model_server.training.optimiser import OptimiserSettings, build_optimiser, parameter_rate, scheduled_rate
from model_server.training.prompts import PromptPlan
from model_server.training.recipe import STAGES
from model_server.training.rollout import Annotator
from model_server.training.start.head_start import HeadStartSettings, pretrain_decoder, pretrain_encoder
from model_server.training.start.initialisation import TRAINED_DEVIATION, initialise, rescale, standardise

SHAPE = ClipShape(batch_size=1, num_frames=5, num_targets=2, size=64)
QUICK = replace(STAGES["overfit"], num_steps=4)


def fresh_network() -> Sam2:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"])
    initialise(network)
    return network


def run_settings(folder: Path) -> RunSettings:
    return RunSettings(folder=folder, report_every=2, save_every=2, validate_every=1000)


@pytest.fixture(autouse=True)
def small_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.training.loop.validate", lambda network, generator: {"one_click_iou": 0.0})


def test_gradients_reach_the_memory_encoder_through_four_frames_of_memory() -> None:
    network = fresh_network().train()
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, SHAPE)
    plan = PromptPlan("click", (0,), (0, 2), num_corrections=1)
    Annotator(network, batch, plan, seed=0, mask_loss=BALANCED).play().loss.total().backward()
    reached = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    for part in ("image_encoder.trunk", "memory_encoder.mask_downsampler", "memory_attention", "obj_ptr_proj"):
        assert any(name.startswith(part) for name in reached), part


def test_only_the_last_frame_of_a_clip_is_not_remembered() -> None:
    network = fresh_network()
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, SHAPE)
    annotator = Annotator(network, batch, PromptPlan("mask", (0, 3), (), 0), seed=0)
    annotator.play()
    assert set(annotator._memories) == {0, 1, 2, 3}


def test_a_resumed_run_ends_with_exactly_the_weights_of_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fresh_network()
    train(whole, QUICK, run_settings(tmp_path / "whole"))

    def die_after_three(step: int, *rest: Any) -> float:
        if step == 3:
            raise KeyboardInterrupt
        return scheduled_rate(step, *rest)

    killed = fresh_network()
    monkeypatch.setattr("model_server.training.loop.scheduled_rate", die_after_three)
    with pytest.raises(KeyboardInterrupt):
        train(killed, QUICK, run_settings(tmp_path / "parts"))
    monkeypatch.setattr("model_server.training.loop.scheduled_rate", scheduled_rate)
    assert load_checkpoint(tmp_path / "parts")["step"] == 2  # type: ignore[index]
    resumed = Sam2(PRESETS["mini"])
    train(resumed, QUICK, run_settings(tmp_path / "parts"))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    untouched = fresh_network().state_dict()
    assert any(not torch.equal(value, untouched[name]) for name, value in whole.state_dict().items())


def test_a_half_written_checkpoint_is_never_read(tmp_path: Path) -> None:
    train(fresh_network(), QUICK, run_settings(tmp_path))
    (tmp_path / "checkpoint.pt.partial").write_bytes(b"cut off by a kill")
    assert load_checkpoint(tmp_path)["step"] == QUICK.num_steps  # type: ignore[index]


def test_one_image_is_learned_by_heart_within_seconds() -> None:
    network = fresh_network().train()
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(1, 1, 1, 128))
    standardise(network, normalise(batch.frames[:, 0]))
    settings = OptimiserSettings(learning_rate=2e-3)
    optimiser = build_optimiser(network, settings)
    ious = []
    for step in range(60):
        plan = PromptPlan("click", (0,), (), 0)
        rollout = Annotator(network, batch, plan, seed=step, mask_loss=BALANCED).play()
        optimiser.zero_grad()
        rollout.loss.total().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        ious.append(rollout.prompted_iou)
    assert max(ious[-10:]) > 0.5
    assert sum(ious[-10:]) > 2 * sum(ious[:10])


def test_pretraining_teaches_encoder_and_decoder_apart() -> None:
    network = fresh_network().train()
    generator = ClipGenerator(seed=0, num_surfaces=4)
    settings = HeadStartSettings(
        num_steps=30, warmup_steps=5, report_every=5, images=ClipShape(2, 1, 3, 64), encoder_rate=2e-3
    )
    before = {name: value.clone() for name, value in network.state_dict().items()}
    short = replace(settings, num_steps=5)
    assert pretrain_encoder(network, generator, settings) < pretrain_encoder(fresh_network(), generator, short)
    changed = {n for n, v in network.state_dict().items() if not torch.equal(v, before[n])}
    assert all(name.startswith(("image_encoder", "sam_mask_decoder.conv_s")) for name in changed)
    trunk = network.image_encoder.trunk.pos_embed.clone()
    pretrain_decoder(network, generator, short)
    assert torch.equal(trunk, network.image_encoder.trunk.pos_embed)


def test_rescaled_features_are_centred_and_as_strong_as_the_decoder_was_taught() -> None:
    network = fresh_network().eval()
    frames = normalise(ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(4, 1, 1, 64)).frames[:, 0])
    rescale(network, frames)
    with torch.no_grad():
        features = network.encode_image(frames)
    for feature_map in (features.stride16, features.stride8, features.stride4):
        assert feature_map.mean(dim=(0, 2, 3)).abs().max() < 1e-3
        assert feature_map.std(dim=(0, 2, 3)).mean().item() == pytest.approx(TRAINED_DEVIATION, rel=1e-3)


def test_a_frozen_encoder_stays_as_it_was(tmp_path: Path) -> None:
    network = fresh_network()
    before = {name: value.clone() for name, value in network.image_encoder.state_dict().items()}
    frozen = replace(QUICK, num_steps=2, optimiser=replace(QUICK.optimiser, encoder_rate=0.0))
    train(network, frozen, run_settings(tmp_path))
    after = network.image_encoder.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_the_rate_warms_up_and_falls_along_a_cosine() -> None:
    settings = OptimiserSettings(warmup_steps=10, final_rate=0.1)
    assert scheduled_rate(0, 110, settings) == pytest.approx(0.1)
    assert scheduled_rate(9, 110, settings) == pytest.approx(1.0)
    assert scheduled_rate(60, 110, settings) == pytest.approx(0.55)
    assert scheduled_rate(110, 110, settings) == pytest.approx(0.1)


def test_early_trunk_blocks_learn_slower_and_position_tables_do_not() -> None:
    settings = OptimiserSettings(layer_decay=0.5, encoder_rate=0.2)
    assert parameter_rate("image_encoder.trunk.blocks.7.norm1.weight", 8, settings) == pytest.approx(0.2)
    assert parameter_rate("image_encoder.trunk.blocks.5.norm1.weight", 8, settings) == pytest.approx(0.05)
    assert parameter_rate("image_encoder.trunk.pos_embed", 8, settings) == pytest.approx(0.2)
    assert parameter_rate("memory_attention.norm.weight", 8, settings) == 1.0


def test_the_decoder_may_learn_slower_than_the_memory() -> None:
    settings = OptimiserSettings(decoder_rate=0.3)
    for name in ("sam_mask_decoder.iou_token.weight", "sam_prompt_encoder.no_mask_embed.weight"):
        assert parameter_rate(name, 8, settings) == pytest.approx(0.3)
    for name in ("memory_encoder.out_proj.weight", "obj_ptr_proj.layers.0.weight", "image_encoder.trunk.pos_embed"):
        assert parameter_rate(name, 8, settings) == 1.0


def test_an_export_lies_between_a_run_and_a_file_of_weights_by_the_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Sam2(PRESETS["mini"]), Sam2(PRESETS["mini"])
    save_weights(tmp_path, first)
    checkpoint.save(second, tmp_path / "second.safetensors", card="", metrics={})
    (tmp_path / "card.md").write_text("A card.")
    places = {"--blend": tmp_path / "second.safetensors", "--card": tmp_path / "card.md"}
    named = [str(part) for pair in places.items() for part in pair]
    out = tmp_path / "out.safetensors"
    monkeypatch.setattr("sys.argv", ["training", "export", str(tmp_path), str(out), *named, "--share", "0.25"])
    main()
    blended = checkpoint.load(out).network
    expected = 0.75 * first.maskmem_tpos_enc + 0.25 * second.maskmem_tpos_enc
    torch.testing.assert_close(blended.maskmem_tpos_enc, expected, rtol=2e-3, atol=2e-4)


def test_a_batch_that_serves_two_steps_is_made_once_and_shown_in_two_ways() -> None:
    stage = replace(QUICK, num_steps=5, uses=2, clip_share=0.0)
    shown = {step: shards[0] for step, shards in batches(Schedule(stage, Material(0), [0]), prefetch=False)}
    assert list(shown) == [0, 1, 2, 3, 4]
    assert not torch.equal(shown[0].frames, shown[2].frames)
    ways = [shown[0].turned(turns, mirrored).frames for turns in range(4) for mirrored in (False, True)]
    assert any(torch.equal(shown[1].frames, way) for way in ways)
    again = Schedule(stage, Material(0), [0], first_step=3)
    resumed = {step: shards[0] for step, shards in batches(again, prefetch=False)}
    assert list(resumed) == [3, 4]
    assert torch.equal(resumed[3].frames, shown[3].frames)
