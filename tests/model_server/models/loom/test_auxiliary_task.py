"""Correspondence learns from masks alone, and tracking in training carries masks as sessions do."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.loom.config import LoomConfig
from model_server.models.loom.network import Loom
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import FramePrompt
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.loop import RunSettings, train
from model_server.training.networks import grown
from model_server.training.objectives.auxiliary import auxiliary_loss
from model_server.training.objectives.losses import HALF_BALANCED
from model_server.training.optimiser import OptimiserSettings
from model_server.training.prompts import PromptPlan
from model_server.training.recipe import STAGES
from model_server.training.rollout import Annotator
from model_server.training.start.initialisation import initialise
from tests.model_server.models.loom.small_model import placed, small_config

SIDE = 128
CONFIG = small_config(image_size=SIDE, correspondence_dim=8)
STAGE = replace(
    STAGES["carry"],
    num_steps=40,
    clips=ClipShape(batch_size=1, num_frames=3, num_targets=4, size=SIDE),
    affinity_weight=0.0,
    matching_weight=0.0,
    optimiser=OptimiserSettings(learning_rate=3e-3, encoder_rate=0.3, warmup_steps=5),
)


@dataclass(frozen=True)
class Video:
    """Frames (T, 3, H, W) as a session reads them."""

    frames: torch.Tensor
    num_frames: int = 3
    height: int = SIDE
    width: int = SIDE

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return (self.frames[frame_index].permute(1, 2, 0) * 255).round().byte().numpy()


def a_network() -> Loom:
    torch.manual_seed(0)
    network = Loom(CONFIG)
    initialise(network)
    return network


def a_batch(step: int = 0, num_frames: int = 4) -> ClipBatch:
    return ClipGenerator(seed=0, num_surfaces=4).batch(step, ClipShape(2, num_frames, 3, SIDE))


def loss_of(network: Loom, batch: ClipBatch, masks: torch.Tensor | None = None) -> tuple[torch.Tensor, float]:
    features = network.encode_image(normalise(batch.frames.flatten(0, 1)))
    chosen = batch.masks if masks is None else masks
    task = network.auxiliary_task(features, chosen, torch.Generator().manual_seed(0))
    assert task is not None
    return auxiliary_loss(task, HALF_BALANCED)


def test_a_still_clip_is_carried_at_once_and_one_whose_masks_jump_is_not() -> None:
    network, batch = a_network(), a_batch()
    torch.nn.init.constant_(network.correspondence.sharpness, 5.0)
    still = ClipBatch(batch.frames[:, :1].expand(-1, 4, -1, -1, -1), batch.masks[:, :1].expand(-1, 4, -1, -1, -1))
    loss, iou = loss_of(network, still)
    assert iou > 0.8
    jumping = still.masks.clone()
    jumping[:, 1:] = jumping[:, 1:].roll(SIDE // 3, dims=-1)
    worse, lower = loss_of(network, still, jumping)
    assert worse > 2 * loss
    assert lower < iou / 2


def test_trunk_and_correspondence_learn_from_it_and_nothing_else_does() -> None:
    network = a_network()
    loss_of(network, a_batch())[0].backward()
    reached = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert {"correspondence.sharpness", *(f"correspondence.project.{level}.weight" for level in range(3))} <= reached
    assert any(name.startswith("image_encoder.trunk") for name in reached)
    assert all(name.startswith(("image_encoder.", "correspondence.")) for name in reached)


@pytest.mark.long
def test_training_carries_masks_better(tmp_path: Path) -> None:
    network, held_out = a_network(), a_batch(99)
    before = loss_of(network, held_out)[0].item()
    train(network, STAGE, RunSettings(folder=tmp_path, validate_every=0, report_every=30, save_every=100))
    assert loss_of(network.eval(), held_out)[0].item() < 0.95 * before
    header, *rows = (tmp_path / "losses.csv").read_text().splitlines()
    last = dict(zip(header.split(","), rows[-1].split(","), strict=True))
    assert float(last["auxiliary"]) > 0
    assert 0 < float(last["auxiliary_iou"]) < 1


def test_tracked_frames_are_carried_to_in_training_as_in_a_session() -> None:
    network, batch = a_network().eval(), a_batch(num_frames=3)
    with torch.no_grad():
        annotator = Annotator(network, batch, PromptPlan("mask", (0,), (), 0), seed=0)
        annotator.play()
    session = placed(network).open(Video(batch.frames[0]))
    session.prompt("a", 0, FramePrompt(mask=batch.masks[0, 0, 0].numpy()))
    logits = torch.from_numpy(session.track("a", 1, "forward").low_res_logits)
    torch.testing.assert_close(logits.sigmoid(), annotator._said[1][0, 0], atol=0.05, rtol=0)  # a video has bytes


def test_memory_attention_learns_on_carried_frames_too() -> None:
    network = a_network()
    annotator = Annotator(network, a_batch(), PromptPlan("mask", (0,), (), 0), seed=0)
    annotator.play().loss.total().backward()
    assert len(annotator._losses) == 3
    for part in ("memory_attention", "memory_encoder"):
        assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in getattr(network, part).parameters())


def test_where_memory_misleads_another_object_is_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    network, batch = a_network().eval(), a_batch(num_frames=2)
    carry, brought = network.correspondence.carry, list[torch.Tensor]()
    monkeypatch.setattr(
        network.correspondence, "carry", lambda now, before: brought.append(before[0][1]) or carry(now, before)
    )
    with torch.no_grad():
        for misleads in (False, True):
            Annotator(network, batch, PromptPlan("mask", (0,), (1,), 1, misleads=misleads), seed=0).play()
    assert torch.equal(brought[1], brought[0].roll(1, dims=1))


def test_a_network_that_grows_keeps_what_it_had() -> None:
    torch.manual_seed(0)
    plain = Sam2(PRESETS["mini"])
    wanted = small_config(correspondence_dim=8, refines_by_adding=True)
    larger = grown(plain, LoomConfig("larger", correspondence_dim=8, refines_by_adding=True))
    assert larger.config == wanted
    assert all(torch.equal(value, larger.state_dict()[name]) for name, value in plain.state_dict().items())
