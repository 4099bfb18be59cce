"""Objects of a frame go through the network in one pass, and none of them can tell.

On a processor this holds to the bit, whatever the company: replaying one object's history alone gives what it was given
among others. Test runs use one thread; how many there are does not matter to it.
"""

import pytest
import torch

from model_server.models.architecture import LoadOptions
from model_server.models.sam2.build import segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.segmenter import Box, Click, FramePrompt, FrameResult, TrackingSession, VideoSegmenter
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS, MovingDisc, click, make_mini, run, same
from tests.model_server.recipe_weights import recipe_network

PROMPTS = {
    "first": (0, FramePrompt((Click(42.0, 45.0, True),))),
    "boxed": (0, FramePrompt(box=Box(0, 0, 30, 30))),
    "late": (3, FramePrompt((Click(120.0, 20.0, True), Click(20.0, 80.0, False)))),
    "drawn": (4, FramePrompt(mask=MovingDisc().disc(9))),
}
"""They start on different frames, so that they remember different numbers of frames."""


def tracked(session: TrackingSession, names: list[str], frames: range) -> dict[tuple[str, int], FrameResult]:
    """Forward, every frame with the objects that have begun by then, in one pass."""
    found: dict[tuple[str, int], FrameResult] = {}
    for frame in frames:
        begun = [name for name in names if PROMPTS[name][0] <= frame]
        for result in session.track_together(begun, frame, "forward"):
            found[result.object_id, frame] = result
    return found


def prompted(model: VideoSegmenter, names: list[str]) -> TrackingSession:
    session = model.open(MovingDisc())
    for name in names:
        session.prompt(name, *PROMPTS[name])
    return session


def test_an_object_gets_among_others_the_bits_it_gets_alone(model: VideoSegmenter) -> None:
    names = list(PROMPTS)
    together = tracked(prompted(model, names), names, range(10))
    for name in names:
        alone = tracked(prompted(model, [name]), [name], range(10))
        assert all(same(result, together[key]) for key, result in alone.items())
        assert all(result.object_score == together[key].object_score for key, result in alone.items())


@pytest.mark.slow
def test_a_released_size_keeps_objects_apart_too() -> None:
    network = recipe_network(PRESETS["sam2.1_hiera_tiny"], {OBJECT_SCORE_BIAS: 20.0})
    model = segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(torch.device("cpu")))
    names = ["first", "boxed"]
    together = tracked(prompted(model, names), names, range(3))
    alone = tracked(prompted(model, ["first"]), ["first"], range(3))
    assert all(same(result, together[key]) for key, result in alone.items())


def test_the_order_of_objects_changes_nothing(model: VideoSegmenter) -> None:
    names = list(PROMPTS)
    one = tracked(prompted(model, names), names, range(8))
    other = tracked(prompted(model, names[::-1]), names[::-1], range(8))
    assert all(same(result, other[key]) for key, result in one.items())


def test_more_objects_than_fit_in_one_pass_are_all_tracked() -> None:
    session = make_mini().open(MovingDisc())
    names = [f"object {number}" for number in range(19)]
    for number, name in enumerate(names):
        session.prompt(name, 0, FramePrompt((Click(5.0 + 8 * number, 40.0, True),)))
    alone = make_mini().open(MovingDisc())
    alone.prompt(names[18], 0, FramePrompt((Click(5.0 + 8 * 18, 40.0, True),)))
    for frame in (1, 2):
        results = session.track_together(names, frame, "forward")
        assert [result.object_id for result in results] == names
        assert same(results[18], alone.track(names[18], frame, "forward"))


def test_the_frame_is_encoded_once_for_all_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_mini()
    encode, images = model.network.encode_image, []
    monkeypatch.setattr(model.network, "encode_image", lambda image: images.append(image) or encode(image))
    session = prompted(model, ["first", "boxed"])
    tracked(session, ["first", "boxed"], range(4))
    assert len(images) == 4


def test_a_conditioning_frame_among_tracked_ones_returns_its_own_mask(model: VideoSegmenter) -> None:
    session = prompted(model, ["first", "drawn"])
    run(session, range(4), "first")
    first, drawn = session.track_together(["first", "drawn"], 4, "forward")
    assert (drawn.mask == MovingDisc().disc(9)).all()
    assert same(first, run(prompted(model, ["first"]), range(5), "first")[4])


def test_nothing_is_tracked_when_one_object_has_no_prompt() -> None:
    session = make_mini().open(MovingDisc())
    session.prompt("a", 0, click(MovingDisc(), 0))
    with pytest.raises(ValueError, match="'b' has no prompted frame"):
        session.track_together(["a", "b"], 1, "forward")
    assert [result.object_id for result in session.answers(1)] == []


def test_two_threads_give_objects_the_same_bits_together_and_alone() -> None:
    torch.set_num_threads(2)
    try:
        model = make_mini()
        together = tracked(prompted(model, list(PROMPTS)), list(PROMPTS), range(6))
        alone = tracked(prompted(model, ["late"]), ["late"], range(6))
    finally:
        torch.set_num_threads(1)
    assert all(same(result, together[key]) for key, result in alone.items())
