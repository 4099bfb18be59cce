"""What the simulated annotator feeds to the network, call by call, and what of it is scored."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.prediction import LOGIT_LIMIT
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.objectives.losses import PAPER
from model_server.training.prompts import PromptPlan
from model_server.training.rollout import Annotator
from model_server.training.start.initialisation import initialise

SHAPE = ClipShape(batch_size=1, num_frames=4, num_targets=2, size=64)


class Recorder:
    """A network whose calls are written down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        torch.manual_seed(0)
        self.network = Sam2(PRESETS["mini"])
        initialise(self.network)
        self.calls: dict[str, list[tuple[tuple[Any, ...], dict[str, Any], Any]]] = {}
        for name in ("condition", "decode", "encode_memory", "adopt_mask"):
            self._record(monkeypatch, name)

    def _record(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        original, calls = getattr(self.network, name), self.calls.setdefault(name, [])

        def recorded(*arguments: Any, **named: Any) -> Any:
            answer = original(*arguments, **named)
            calls.append((arguments, named, answer))
            return answer

        monkeypatch.setattr(self.network, name, recorded)

    def play(self, plan: PromptPlan) -> Annotator:
        annotator = Annotator(self.network, a_batch(), plan, seed=0)
        annotator.play()
        return annotator


def a_batch() -> ClipBatch:
    return ClipGenerator(seed=0, num_surfaces=4).batch(0, SHAPE)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    return Recorder(monkeypatch)


def test_every_look_is_scored(recorder: Recorder) -> None:
    annotator = recorder.play(PromptPlan("click", (0,), (0, 2), num_corrections=3))
    assert len(annotator._losses) == len(recorder.calls["decode"]) == 4 + 2 * 3


def test_tokens_are_pulled_to_the_click_on_the_first_look_and_to_the_mean_feature_on_all_others(
    recorder: Recorder,
) -> None:
    annotator = recorder.play(PromptPlan("click", (0,), (0, 2), num_corrections=3))
    assert len(annotator.token_losses) == 1
    assert len(annotator.pooled_losses) == len(annotator._losses) - 1


def test_masks_are_scored_at_the_stride_that_was_asked_for() -> None:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"]).eval()
    plan = PromptPlan("click", (0,), (), num_corrections=0)
    scored = (replace(PAPER, stride=stride) for stride in (2, 4))
    losses = [Annotator(network, a_batch(), plan, seed=0, mask_loss=loss).play().loss.total().item() for loss in scored]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


def test_the_loss_is_the_mean_over_looks_or_their_sum() -> None:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"]).eval()
    plan = PromptPlan("click", (0,), (0,), num_corrections=1)
    mean = Annotator(network, a_batch(), plan, seed=0).play().loss.total()
    total = Annotator(network, a_batch(), plan, seed=0).play(looks_add_up=True).loss.total()
    assert total.item() == pytest.approx(5 * mean.item(), rel=1e-5)


def test_each_correction_adds_a_click_and_brings_the_last_answer_back(recorder: Recorder) -> None:
    recorder.play(PromptPlan("click", (0,), (0,), num_corrections=2))
    looks = [(arguments[2], answer) for arguments, _, answer in recorder.calls["decode"]][:3]
    assert [prompts.points.shape[1] for prompts, _ in looks] == [1, 2, 3]
    assert torch.equal(looks[2][0].points[:, :2], looks[1][0].points)
    assert looks[0][0].mask_logits is None
    for (prompts, _), (_, before) in zip(looks[1:], looks, strict=False):
        assert torch.equal(prompts.mask_logits, before.logits.detach().clamp(-LOGIT_LIMIT, LOGIT_LIMIT))
        assert not prompts.mask_logits.requires_grad


def test_a_plan_that_does_not_refine_clicks_without_the_mask(recorder: Recorder) -> None:
    recorder.play(PromptPlan("mask", (0,), (2,), num_corrections=2, refines=False))
    prompts = [arguments[2] for arguments, _, _ in recorder.calls["decode"]]
    assert [each.points.shape[1] for each in prompts] == [0, 0, 1, 2, 0]
    assert all(each.mask_logits is None for each in prompts)


def test_clicks_on_a_tracked_frame_refine_what_memory_answered_and_make_it_condition(recorder: Recorder) -> None:
    recorder.play(PromptPlan("mask", (0,), (2,), num_corrections=1))
    looks = recorder.calls["decode"]
    refined, tracked = looks[2][0][2].mask_logits, looks[1][2].logits
    assert torch.equal(refined, tracked.detach().clamp(-LOGIT_LIMIT, LOGIT_LIMIT))
    assert looks[1][0][0] is looks[2][0][0]
    slots = sorted(slot for slot, _ in recorder.calls["condition"][-1][0][1].maps)
    assert slots == [1, PRESETS["mini"].memory_slots - 1, PRESETS["mini"].memory_slots - 1]


def test_corrections_look_at_the_same_conditioned_frame(recorder: Recorder) -> None:
    recorder.play(PromptPlan("click", (0,), (0, 2), num_corrections=2))
    frames = [arguments[0] for arguments, _, _ in recorder.calls["decode"]]
    assert len(recorder.calls["condition"]) == SHAPE.num_frames
    assert frames[0] is frames[1] is frames[2]
    assert frames[4] is frames[5] is frames[6]


def test_three_masks_are_offered_for_one_point_or_none_and_one_for_more(recorder: Recorder) -> None:
    recorder.play(PromptPlan("click", (0,), (0,), num_corrections=1))
    assert [named["multimask"] for _, named, _ in recorder.calls["decode"]] == [True, False, True, True, True]
    recorder.calls["decode"].clear()
    recorder.play(PromptPlan("box", (0,), (), num_corrections=0))
    assert [named["multimask"] for _, named, _ in recorder.calls["decode"]] == [False, True, True, True]


def test_only_the_last_answer_on_a_frame_is_remembered(recorder: Recorder) -> None:
    recorder.play(PromptPlan("click", (0,), (0,), num_corrections=2))
    assert len(recorder.calls["encode_memory"]) == SHAPE.num_frames - 1
    remembered = recorder.calls["encode_memory"][0][0][1]
    answers = [answer.logits for _, _, answer in recorder.calls["decode"]]
    assert remembered is answers[2]


def test_a_corrected_frame_conditions_and_others_are_recent_memories(recorder: Recorder) -> None:
    recorder.play(PromptPlan("click", (0,), (0, 2), num_corrections=1))
    conditioning_slot = PRESETS["mini"].memory_slots - 1
    attended = [arguments[1] for arguments, _, _ in recorder.calls["condition"]]
    assert attended[0] is None
    slots = [sorted(slot for slot, _ in memory.maps) for memory in attended[1:]]
    assert slots == [
        [conditioning_slot],  # frame 1: the clicked one
        [0, conditioning_slot],  # frame 2: frame 1 is the one before
        [1, conditioning_slot, conditioning_slot],  # frame 3: 0 and 2 were prompted, 1 is two back
    ]


def test_a_frame_prompted_later_is_remembered_before_the_frames_between(recorder: Recorder) -> None:
    recorder.play(PromptPlan("mask", (0, 3), (), num_corrections=0))
    assert len(recorder.calls["adopt_mask"]) == 2
    assert all(len(arguments[1].maps) >= 2 for arguments, _, _ in recorder.calls["condition"])


def test_a_mask_prompt_is_the_truth_and_is_not_scored(recorder: Recorder) -> None:
    annotator = recorder.play(PromptPlan("mask", (0,), (), num_corrections=0))
    (arguments, _, _), *rest = recorder.calls["adopt_mask"]
    assert not rest
    assert torch.equal(arguments[1][:, 0].bool(), a_batch().masks[0, 0])
    assert len(annotator._losses) == SHAPE.num_frames - 1


def test_a_misled_frame_remembers_its_neighbour_until_it_is_clicked(recorder: Recorder) -> None:
    annotator = recorder.play(PromptPlan("mask", (0,), (2,), num_corrections=2, misleads=True))
    remembered = annotator._memories[0].features
    attended = [dict(arguments[1].maps) for arguments, _, _ in recorder.calls["condition"]]
    conditioning = PRESETS["mini"].memory_slots - 1
    assert not torch.equal(remembered[0], remembered[1])
    assert torch.equal(attended[0][conditioning], remembered)
    assert torch.equal(attended[1][conditioning], remembered.flip(0))
    assert len(annotator._losses) == 2 + 2  # frames 1 and 3, and the clicks: what memory said of frame 2 is not scored
