"""What every model in the registry must do, checked on the small recipe network and on the built-in one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model_server.masks.packed_mask import PackedMask
from model_server.segmenter import Box, Click, FramePrompt, StoredFrame, TrackingSession, VideoSegmenter
from tests.model_server.moving_disc import HEIGHT, WIDTH, MovingDisc, click, make_mini, run, same


def test_every_answer_has_a_mask_of_the_video_and_all_scores(session: TrackingSession, video: MovingDisc) -> None:
    results = [session.prompt("a", 0, click(video, 0)), *run(session, range(1, 4))]
    for result in results:
        assert (result.mask.shape, result.mask.dtype) == ((HEIGHT, WIDTH), np.bool_)
        assert result.low_res_logits.dtype == np.float32
        assert 0 <= result.predicted_iou <= 1
        assert 0 <= result.stability <= 1
        assert np.isfinite(result.object_score)


def test_a_correction_survives_propagation_in_both_directions(session: TrackingSession, video: MovingDisc) -> None:
    session.prompt("a", 0, click(video, 0))
    run(session, range(12))
    corrected = session.prompt("a", 6, FramePrompt((Click(10.0, 80.0, True), Click(*video.centre(6), False))))
    assert same(run(session, range(12))[6], corrected)
    assert same(run(session, range(11, -1, -1))[5], corrected)


def test_a_correction_changes_its_neighbours(session: TrackingSession, video: MovingDisc) -> None:
    session.prompt("a", 0, click(video, 0))
    before = run(session, range(12))
    session.prompt("a", 6, FramePrompt((Click(10.0, 80.0, True), Click(*video.centre(6), False))))
    after = run(session, range(12))
    assert not same(before[5], after[5])
    assert not same(before[7], after[7])


def test_taking_back_a_click_gives_the_mask_from_before_it(session: TrackingSession, video: MovingDisc) -> None:
    one = click(video, 0)
    two = FramePrompt((*one.clicks, Click(5.0, 5.0, False)))
    first = session.prompt("a", 0, one)
    session.prompt("a", 0, two)
    assert same(session.prompt("a", 0, one), first)


def test_a_clicked_sequence_and_its_final_set_agree(model: VideoSegmenter, video: MovingDisc) -> None:
    clicks = (Click(*video.centre(0), True), Click(5.0, 5.0, False), Click(120.0, 20.0, False))
    box = Box(15, 20, 70, 70)
    stepwise = model.open(video)
    for count in range(len(clicks) + 1):
        last = stepwise.prompt("a", 0, FramePrompt(clicks[:count], box))
    assert same(model.open(video).prompt("a", 0, FramePrompt(clicks, box)), last)


def test_taking_back_a_correction_restores_what_tracking_gave(session: TrackingSession, video: MovingDisc) -> None:
    session.prompt("a", 0, click(video, 0))
    before = run(session, range(8))
    session.prompt("a", 5, FramePrompt((Click(10.0, 80.0, True),)))
    session.clear_frame("a", 5)
    assert all(map(same, run(session, range(8)), before))


def test_another_object_leaves_an_object_bit_identical(model: VideoSegmenter, video: MovingDisc) -> None:
    alone, shared = model.open(video), model.open(video)
    alone.prompt("a", 0, click(video, 0))
    shared.prompt("b", 2, FramePrompt(box=Box(0, 0, 30, 30)))
    shared.prompt("a", 0, click(video, 0))
    for frame in range(6):
        expected = alone.track("a", frame, "forward")
        shared.track("b", frame, "forward")
        assert same(shared.track("a", frame, "forward"), expected)


def test_prompting_objects_in_another_order_changes_nothing(model: VideoSegmenter, video: MovingDisc) -> None:
    prompts = {"a": click(video, 0), "b": FramePrompt(box=Box(0, 0, 30, 30))}
    one, other = model.open(video), model.open(video)
    first = {name: one.prompt(name, 0, prompt) for name, prompt in prompts.items()}
    second = {name: other.prompt(name, 0, prompts[name]) for name in reversed(prompts)}
    assert all(same(first[name], second[name]) for name in prompts)


def test_a_given_mask_is_returned_pixel_for_pixel(session: TrackingSession, video: MovingDisc) -> None:
    mask = video.disc(3)
    mask[0, 0] = mask[10, 90] = True
    assert np.array_equal(session.prompt("a", 3, FramePrompt(mask=mask)).mask, mask)
    assert np.array_equal(session.track("a", 3, "backward").mask, mask)


def test_clicks_after_a_given_mask_refine_it(model: VideoSegmenter, video: MovingDisc) -> None:
    drawn = model.open(video)
    drawn.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    refined = drawn.prompt("a", 0, click(video, 0))
    assert not same(refined, model.open(video).prompt("a", 0, click(video, 0)))


def test_an_empty_mask_says_the_object_is_absent(session: TrackingSession) -> None:
    result = session.prompt("a", 0, FramePrompt(mask=np.zeros((HEIGHT, WIDTH), bool)))
    assert not result.mask.any()
    assert result.object_score < 0


def test_a_lost_object_has_an_empty_mask() -> None:
    video = MovingDisc()
    session = make_mini(object_score_bias=-100.0).open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    for result in run(session, range(1, 5)):
        assert result.object_score <= 0
        assert not result.mask.any()


def test_a_seeded_session_goes_on_where_the_first_one_was(model: VideoSegmenter, video: MovingDisc) -> None:
    first, second = model.open(video), model.open(video)
    prompted = first.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    second.seed("a", StoredFrame(0, PackedMask.pack(prompted.mask), prompted.object_score, conditioning=True))
    for result in run(first, range(1, 6)):
        second.seed(
            "a", StoredFrame(result.frame_index, PackedMask.pack(result.mask), result.object_score, conditioning=False)
        )
    expected, ours = first.track("a", 6, "forward"), second.track("a", 6, "forward")
    assert (expected.mask == ours.mask).mean() > 0.9
    assert np.sign(expected.object_score) == np.sign(ours.object_score)
    assert np.array_equal(second.track("a", 0, "forward").mask, prompted.mask)


def test_seeding_encodes_nothing(session: TrackingSession, video: MovingDisc) -> None:
    for frame in range(12):
        session.seed("a", StoredFrame(frame, PackedMask.pack(video.disc(frame)), 8.0, conditioning=frame == 0))
    assert session.memory_bytes() < 12 * 1000


def test_a_seeded_prompt_can_be_corrected(session: TrackingSession, video: MovingDisc) -> None:
    session.seed("a", StoredFrame(0, PackedMask.pack(video.disc(0)), 8.0, conditioning=True))
    session.seed("a", StoredFrame(5, PackedMask.pack(video.disc(5)), 8.0, conditioning=False))
    corrected = session.prompt("a", 5, FramePrompt((Click(10.0, 80.0, False),)))
    assert same(session.track("a", 5, "forward"), corrected)


def test_tracking_without_a_prompt_is_refused(session: TrackingSession, video: MovingDisc) -> None:
    with pytest.raises(ValueError, match="no prompted frame"):
        session.track("a", 0, "forward")
    session.prompt("a", 0, click(video, 0))
    session.clear_frame("a", 0)
    with pytest.raises(ValueError, match="no prompted frame"):
        session.track("a", 1, "forward")


def test_a_forgotten_object_starts_anew(session: TrackingSession, video: MovingDisc) -> None:
    first = session.prompt("a", 0, click(video, 0))
    run(session, range(4))
    session.forget_object("a")
    session.forget_object("never seen")
    assert same(session.prompt("a", 0, click(video, 0)), first)


def test_a_mask_of_another_size_is_refused_without_a_trace(session: TrackingSession) -> None:
    with pytest.raises(ValueError, match="mask is"):
        session.prompt("a", 0, FramePrompt(mask=np.ones((4, 4), bool)))
    with pytest.raises(ValueError, match="no prompted frame"):
        session.track("a", 0, "forward")


def test_frames_outside_the_video_are_refused(session: TrackingSession, video: MovingDisc) -> None:
    with pytest.raises(IndexError):
        session.prompt("a", 12, click(video, 0))
    with pytest.raises(IndexError):
        session.warm(-1)


@pytest.mark.long
def test_memory_stays_bounded_over_a_hundred_frames() -> None:
    video = MovingDisc(num_frames=100)
    model = make_mini()
    limits = replace(model.options, feature_cache_bytes=4 * 2**20, tracked_bytes_per_object=2**20)
    session = replace(model, options=limits).open(video)
    session.prompt("a", 0, click(video, 0))
    held = []
    for frame in range(1, 100):
        session.track("a", frame, "forward")
        held.append(session.memory_bytes())
    assert max(held) < 4 * 2**20 + 2**20 + 100 * 3000
    assert held[-1] - held[50] < 50 * 3000  # what stays of a far frame is its mask and its pointer


def test_a_far_frame_can_be_corrected_after_its_memory_was_dropped() -> None:
    video = MovingDisc(num_frames=60)
    model = make_mini()
    session = replace(model, options=replace(model.options, tracked_bytes_per_object=0)).open(video)
    session.prompt("a", 0, click(video, 0))
    run(session, range(60))
    corrected = session.prompt("a", 20, FramePrompt((Click(10.0, 80.0, False),)))
    assert same(run(session, range(15, 25))[5], corrected)


def test_half_precision_stays_near_single(video: MovingDisc) -> None:
    model = make_mini()
    half = replace(model, options=replace(model.options, autocast=torch.bfloat16))
    exact, rounded = model.open(video), half.open(video)
    one, other = (each.prompt("a", 0, click(video, 0)).low_res_logits for each in (exact, rounded))
    assert abs(one - other).mean() < 0.1 * one.std()
    assert all(np.isfinite(result.low_res_logits).all() for result in run(rounded, range(1, 12)))
