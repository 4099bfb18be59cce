"""Masks go where the places they lie on went: the search itself, and what tracking makes of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from model_server.evaluation.vos import iou
from model_server.models.architecture import LoadOptions
from model_server.models.loom import correspondence as correspondence_module
from model_server.models.loom.carriers import carriers
from model_server.models.loom.cells import Cells
from model_server.models.loom.correspondence import (
    DOUBT,
    REACH,
    Correspondence,
    expected_iou,
    nothing_carried,
    presence,
)
from model_server.models.loom.network import Loom
from model_server.models.loom.sources import carry_together
from model_server.models.sam2.build import segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.memory import MemoryRules, select
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import Click, FramePrompt
from tests.model_server.models.loom.small_model import a_model
from tests.model_server.moving_disc import MovingDisc, click, run, same

SIDE, CHANNELS = 32, 16


@pytest.fixture
def correspondence() -> Correspondence:
    module = Correspondence(8, CHANNELS)
    torch.nn.init.constant_(module.sharpness, 5.0)  # the best match takes all
    return module


def places(seed: int = 0) -> Tensor:
    """(1, CHANNELS, SIDE, SIDE) no two alike."""
    drawn = torch.randn(1, CHANNELS, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))
    return functional.normalize(drawn, dim=1)


def masks(count: int = 1) -> Tensor:
    """(1, count, SIDE, SIDE) boxes of zeros and ones in different places."""
    drawn = torch.zeros(1, count, SIDE, SIDE)
    for index in range(count):
        drawn[0, index, 8 + index : 20, 10 : 18 + index] = 1
    return drawn


def moved(x: Tensor, down: int, right: int) -> Tensor:
    return x.roll((down, right), dims=(2, 3))


@torch.inference_mode()
def carried(module: Correspondence, now: Tensor, *before: tuple[Tensor, Tensor]) -> Tensor:
    return module.carry(now, before)


@pytest.mark.parametrize("step", [(0, 0), (3, -2), (-REACH, REACH)])
def test_a_mask_goes_where_its_places_went(correspondence: Correspondence, step: tuple[int, int]) -> None:
    logits = carried(correspondence, moved(places(), *step), (places(), masks()))
    there = np.s_[:, :, 3:26, 6:30]  # of the rest some came in from the other side
    assert torch.equal(logits[there] > 0, moved(masks(), *step)[there] > 0.5)
    assert logits.max().item() == pytest.approx(float(np.log((1 - DOUBT) / DOUBT)), abs=0.01)


@pytest.mark.parametrize("step", [(0, REACH + 8), (-12, 4)])
def test_what_moved_farther_with_its_block_is_found(correspondence: Correspondence, step: tuple[int, int]) -> None:
    smooth = functional.interpolate(places()[..., ::4, ::4], scale_factor=4, mode="bilinear")  # as images are
    before = functional.normalize(smooth, dim=1)
    logits = carried(correspondence, moved(before, *step), (before, masks()))
    there = np.s_[0, 0, 0:20, 14:]
    assert iou(logits[there].numpy() > 0, moved(masks(), *step)[there].numpy() > 0.5) > 0.8


def test_what_moved_alone_farther_than_it_reaches_is_not(correspondence: Correspondence) -> None:
    now, mask = places().clone(), torch.zeros(1, 1, SIDE, SIDE)
    mask[..., 4, 4] = 1
    now[..., 12, 12], now[..., 4, 4] = places()[..., 4, 4], places(1)[..., 4, 4]
    assert (carried(correspondence, now, (places(), mask))[..., 12, 12] < 0).all()
    now[..., 4 + REACH, 4] = places()[..., 4, 4]
    assert (carried(correspondence, now, (places(), mask))[..., 4 + REACH, 4] > 0).all()


def test_nothing_beyond_the_frame_is_a_place(correspondence: Correspondence) -> None:
    alike, everything = torch.ones(1, CHANNELS, SIDE, SIDE) * CHANNELS**-0.5, torch.ones(1, 1, SIDE, SIDE)
    logits = carried(correspondence, -alike, (alike, everything))  # any place beyond the frame would be more alike
    assert (logits.sigmoid() > 1 - 2 * DOUBT).all()


def test_of_several_frames_the_one_that_looks_alike_decides(correspondence: Correspondence) -> None:
    now, other = places(), places(1)
    logits = carried(correspondence, now, (other, 1 - masks()), (now, masks()))
    assert torch.equal(logits > 0, masks() > 0.5)


def test_objects_share_the_search_and_nothing_else(correspondence: Correspondence) -> None:
    now = moved(places(), 1, 1)
    together = carried(correspondence, now, (places(), masks(3)))
    for index in range(3):
        alone = carried(correspondence, now, (places(), masks(3)[:, index : index + 1]))
        torch.testing.assert_close(together[:, index : index + 1], alone)


def test_presence_and_expected_iou_follow_from_the_shares() -> None:
    shares = torch.tensor([[0.9, 0.9, 0.1, 0.0], [0.4, 0.1, 0.0, 0.0]])[:, None, None]
    logits = shares.clamp(DOUBT, 1 - DOUBT).logit()
    assert (presence(logits) > 0).flatten().tolist() == [True, False]
    found = expected_iou(logits).tolist()
    assert found[0] == pytest.approx(1.8 / (2 + 0.1 + DOUBT))
    assert found[1] == 0


def test_masks_are_carried_from_the_nearest_prompts_and_the_frame_before() -> None:
    rules = MemoryRules()
    selection = select({0, 3, 20}, set(range(12)), 12, "forward", rules)
    assert carriers(selection, 12, rules) == [20, 3, 11]
    selection = select({9}, set(range(4, 12)), 5, "backward", rules)
    assert carriers(selection, 5, rules) == [9, 6]
    selection = select({4}, {4}, 5, "forward", rules)
    assert carriers(selection, 5, rules) == [4]


@pytest.mark.parametrize("frames", [range(1, 12), range(10, -1, -1)])
def test_an_untrained_network_follows_a_disc_by_its_places(frames: range) -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    start = frames[0] - frames.step
    session.prompt("a", start, FramePrompt(mask=video.disc(start)))
    results = run(session, frames)
    assert all(iou(video.disc(result.frame_index), result.mask) > 0.65 for result in results)
    assert iou(video.disc(frames[-1]), video.disc(start)) < 0.3


def test_given_masks_are_answered_as_without_it_and_frames_between_are_not() -> None:
    with_it = a_model()
    fields = {name: value for name, value in with_it.network.state_dict().items() if "correspondence" not in name}
    plain = Sam2(PRESETS["mini"]).eval()
    plain.load_state_dict(fields)
    without = segmenter(Checkpoint(plain, "", {}, "recipe"), LoadOptions(torch.device("cpu")))
    video = MovingDisc()
    answers = []
    for model in (with_it, without):
        session = model.open(video)
        answers.append((session.prompt("a", 0, FramePrompt(mask=video.disc(0))), session.track("a", 1, "forward")))
    assert same(answers[0][0], answers[1][0])
    assert not same(answers[0][1], answers[1][1])


def test_a_click_on_a_carried_frame_refines_it_in_the_light_of_memory() -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    carried = run(session, range(1, 5))
    outside = FramePrompt((Click(5.0, 5.0, True),))
    corrected = session.prompt("a", 4, outside)
    alone = model.open(video).prompt("a", 4, outside)
    assert not same(corrected, carried[-1])
    assert not same(corrected, alone)
    assert same(session.track("a", 4, "forward"), corrected)


def test_an_object_that_did_not_arrive_is_absent() -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=np.zeros((video.height, video.width), bool)))
    result = session.track("a", 1, "forward")
    assert result.object_score < 0
    assert not result.mask.any()


def test_objects_of_one_pass_get_the_bits_they_get_alone() -> None:
    video, model = MovingDisc(), a_model()
    prompts = {"a": 0, "b": 0, "c": 2}

    def tracked(names: list[str]) -> dict[tuple[str, int], object]:
        session = model.open(video)
        for name in names:
            session.prompt(name, prompts[name], click(video, prompts[name] + len(name)))
        found = {}
        for frame in range(3, 8):
            for result in session.track_together(names, frame, "forward"):
                found[result.object_id, frame] = result
        return found

    together = tracked(list(prompts))
    for name in prompts:
        assert all(same(result, together[key]) for key, result in tracked([name]).items())


def test_places_that_left_the_cache_are_described_anew() -> None:
    video, model = MovingDisc(), a_model()
    tight = replace(model, options=replace(model.options, feature_cache_bytes=1))
    results = []
    for each in (model, tight):
        session = each.open(video)
        session.prompt("a", 0, click(video, 0))
        results.append(run(session, range(1, 5)))
    assert all(same(one, other) for one, other in zip(*results, strict=True))


def test_objects_from_the_same_frames_are_carried_in_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    model, video, searches = a_model(), MovingDisc(), []
    assert isinstance(model.network, Loom)
    module = model.network.correspondence
    carry = module.carry
    monkeypatch.setattr(module, "carry", lambda now, before: searches.append(len(before)) or carry(now, before))
    session = model.open(video)
    for name, frame in (("a", 0), ("b", 0), ("c", 1)):
        session.prompt(name, frame, click(video, frame))
    session.track_together(["a", "b", "c"], 2, "forward")
    assert searches == [1, 1]
    session.track_together(["a", "b", "c"], 3, "forward")
    assert searches[2:] == [2, 2]
    assert carry_together(module, Cells(model.network, video, session._features, None), 3, []) == []


def test_blocks_that_nothing_can_reach_are_left_out_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    module, drawn = Correspondence(8, CHANNELS), torch.zeros(1, 2, SIDE, SIDE)
    drawn[0, 0, :6, :6], drawn[0, 1, 2:9, 1:5] = 1, 1
    searched: list[int] = []
    search = correspondence_module._carry

    def counted(*arguments: Tensor) -> Tensor:
        searched.append(len(arguments[-1]))
        return search(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(correspondence_module, "_carry", counted)
    outcomes = []
    for something in (correspondence_module.SOMETHING, -1.0):
        monkeypatch.setattr(correspondence_module, "SOMETHING", something)
        now = places(1).requires_grad_()
        logits = module.carry(now, [(places(), drawn), (places(2), 0.5 * drawn)])
        monkeypatch.setattr(correspondence_module, "SOMETHING", 1.001 * DOUBT)
        logits.square().sum().backward()
        assert now.grad is not None
        outcomes.append((logits.detach().sigmoid(), now.grad, sum(searched)))
        searched.clear()
    assert outcomes[0][2] < outcomes[1][2] == (SIDE // 8) ** 2
    torch.testing.assert_close(outcomes[0][0], outcomes[1][0], atol=2e-5, rtol=0)
    torch.testing.assert_close(outcomes[0][1], outcomes[1][1], atol=1e-4, rtol=1e-4)


def test_nothing_to_carry_arrives_nowhere(correspondence: Correspondence) -> None:
    logits = carried(correspondence, places(), (places(), torch.zeros(1, 1, SIDE, SIDE)))
    assert presence(logits).item() < 0
    assert torch.equal(logits, nothing_carried(logits))
