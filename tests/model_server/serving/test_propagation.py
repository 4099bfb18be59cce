"""Propagation over HTTP: which frames a run reports, in which order, and how it ends."""

import numpy as np
import pytest

from model_server.contract.tracking import RunFailed, RunOpened
from model_server.masks.components import without_specks
from tests.model_server.serving.conftest import NUM_FRAMES
from tests.model_server.serving.running_server import RunningServer, Tracker, click, ended, mask_of, wait_for

LAST = NUM_FRAMES - 1


def test_a_run_reports_every_frame_once_between_open_and_end(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = tracker.propagation(["ball"], 5, 5, 14)
    with tracker.streaming(body) as stream:
        events = list(stream)
    assert events[0] == RunOpened(t="open", run_id=body["run_id"])
    masks = [event for event in events[1:-1] if event.t == "mask"]
    assert [mask.frame_index for mask in masks] == list(range(5, 15))
    assert [mask.seq for mask in masks] == list(range(10))
    end = ended(events[-1])
    assert (end.frames, end.cancelled) == (10, False)


def test_the_prompted_frame_is_reported_as_it_was_answered(tracker: Tracker):
    prompted = tracker.prompt("ball", 5, click(75, 140)).json()
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 6))
    np.testing.assert_array_equal(mask_of(masks[0]), mask_of(prompted))


def test_both_directions_go_forward_and_then_backward_from_the_start(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    masks, end = tracker.propagate(tracker.propagation(["ball"], 5, 2, 8, direction="both"))
    assert [mask.frame_index for mask in masks] == [5, 6, 7, 8, 4, 3, 2]
    assert ended(end).frames == 7


def test_backward_runs_down_to_the_first_frame(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 0, 5, direction="backward"))
    assert [mask.frame_index for mask in masks] == [5, 4, 3, 2, 1, 0]


def test_several_objects_go_frame_by_frame_and_skipped_ones_are_left_out(tracker: Tracker):
    tracker.prompt("a", 5, click(75, 140))
    tracker.prompt("b", 5, click(200, 60))
    skip = [{"object_id": "b", "frame_index": 6}]
    masks, _ = tracker.propagate(tracker.propagation(["a", "b"], 5, 5, 7, skip=skip))
    order = [(mask.frame_index, mask.object_id) for mask in masks]
    assert order == [(5, "a"), (5, "b"), (6, "a"), (7, "a"), (7, "b")]


def test_objects_tracked_together_get_the_masks_they_get_alone(tracker: Tracker, server: RunningServer):
    alone = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    alone.open()
    alone.prompt("a", 5, click(75, 140))
    expected, _ = alone.propagate(alone.propagation(["a"], 5, 5, 12))
    tracker.prompt("b", 5, click(200, 60))
    tracker.prompt("a", 5, click(75, 140))
    together, _ = tracker.propagate(tracker.propagation(["b", "a"], 5, 5, 12))
    assert [mask.mask for mask in together if mask.object_id == "a"] == [mask.mask for mask in expected]


def test_an_object_never_prompted_cannot_be_propagated(tracker: Tracker):
    response = tracker.http.post(f"{tracker.session_url}/propagate", json=tracker.propagation(["ball"], 5, 5, 9))
    assert (response.status_code, response.json()["slug"]) == (422, "nothing-to-propagate")


def test_a_start_outside_the_range_is_malformed(tracker: Tracker):
    response = tracker.http.post(f"{tracker.session_url}/propagate", json=tracker.propagation(["ball"], 4, 5, 9))
    assert (response.status_code, response.json()["slug"]) == (422, "malformed-request")


def test_a_range_past_the_video_is_refused(tracker: Tracker):
    response = tracker.http.post(
        f"{tracker.session_url}/propagate", json=tracker.propagation(["ball"], 5, 5, NUM_FRAMES)
    )
    assert (response.status_code, response.json()["slug"]) == (422, "frame-out-of-range")


def test_an_object_whose_only_prompt_was_taken_back_ends_the_run_with_an_error_line(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = {"epoch": 1, "object_id": "ball", "token": "empty"}
    tracker.http.post(f"{tracker.session_url}/restore", json=body).raise_for_status()
    tracker.tokens["ball"] = "empty"
    masks, last = tracker.propagate(tracker.propagation(["ball"], 5, 5, 9))
    assert masks == []
    assert isinstance(last, RunFailed)
    assert last.code == "model-failed"
    assert tracker.prompt("ball", 5, click(75, 140)).json()["slug"] == "needs-restore"


def test_a_cancel_that_comes_first_is_not_lost(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = tracker.propagation(["ball"], 5, 5, LAST)
    tracker.cancel(body["run_id"])
    masks, end = tracker.propagate(body)
    assert masks == []
    assert ended(end).cancelled


def test_a_cancelled_run_ends_at_once_and_its_object_works_on(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = tracker.propagation(["ball"], 5, 5, LAST)
    with tracker.streaming(body) as events:
        seen = [next(events) for _ in range(4)]
        tracker.cancel(body["run_id"])
        tracker.cancel(body["run_id"])
        seen += events
    masks = [event for event in seen if event.t == "mask"]
    assert ended(seen[-1]).cancelled
    assert len(masks) < LAST - 5
    assert [mask.frame_index for mask in masks] == list(range(5, 5 + len(masks)))
    assert tracker.prompt("ball", 9, click(90, 140)).status_code == 200


def test_a_cancelled_run_that_is_resumed_gives_what_an_uninterrupted_one_does(tracker: Tracker, server: RunningServer):
    whole = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    whole.open()
    for each in (whole, tracker):
        each.prompt("a", 5, click(75, 140))
        each.prompt("b", 7, click(200, 60))
    expected, _ = whole.propagate(whole.propagation(["a", "b"], 7, 7, LAST))
    body = tracker.propagation(["a", "b"], 7, 7, LAST)
    with tracker.streaming(body) as events:
        seen = [next(events) for _ in range(6)]
        tracker.cancel(body["run_id"])
        seen += events
    masks = [event for event in seen if event.t == "mask"]
    assert ended(seen[-1]).cancelled
    assert 0 < len(masks) < len(expected)
    assert len(masks) % 2 == 0, "a step is finished and reported with all its objects"
    reached = masks[-1].frame_index
    rest, _ = tracker.propagate(tracker.propagation(["a", "b"], reached + 1, reached + 1, LAST))
    found = {(mask.object_id, mask.frame_index): (mask.mask, mask.object_score) for mask in (*masks, *rest)}
    assert found == {(mask.object_id, mask.frame_index): (mask.mask, mask.object_score) for mask in expected}


def test_an_object_gets_the_same_bits_alone_as_among_others(tracker: Tracker, server: RunningServer):
    tracker.prompt("a", 5, click(75, 140))
    tracker.prompt("b", 7, click(200, 60))
    tracker.prompt("c", 5, click(160, 120))
    masks, _ = tracker.propagate(tracker.propagation(["a", "b", "c"], 7, 2, 15, direction="both"))
    more, _ = tracker.propagate(tracker.propagation(["b"], 15, 15, 20))
    later = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    later.open()
    later.prompt("b", 7, click(200, 60))
    alone, _ = later.propagate(later.propagation(["b"], 7, 2, 15, direction="both"))
    assert len(alone) == 14
    among_others = [(mask.mask, mask.object_score) for mask in masks if mask.object_id == "b"]
    assert [(mask.mask, mask.object_score) for mask in alone] == among_others
    again, _ = later.propagate(later.propagation(["b"], 15, 15, 20))
    assert [(mask.mask, mask.object_score) for mask in again] == [(mask.mask, mask.object_score) for mask in more]


def test_skipped_frames_keep_what_is_stored_and_the_run_goes_on_from_it(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    tracker.propagate(tracker.propagation(["ball"], 5, 5, 12))
    skip = [{"object_id": "ball", "frame_index": index} for index in (7, 8)]
    expected, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 12))
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 12, skip=skip))
    assert [mask.frame_index for mask in masks] == [5, 6, 9, 10, 11, 12]
    kept = [mask for mask in expected if mask.frame_index not in (7, 8)]
    assert [mask.mask for mask in masks] == [mask.mask for mask in kept]


def test_cancelling_an_unknown_run_is_accepted_twice(tracker: Tracker):
    tracker.cancel("never-heard-of")
    tracker.cancel("never-heard-of")


def test_a_run_id_in_use_is_refused(tracker: Tracker):
    tracker.prompt("a", 5, click(75, 140))
    tracker.prompt("b", 5, click(75, 140))
    body = tracker.propagation(["a"], 5, 5, LAST)
    with tracker.streaming(body) as events:
        next(events)
        again = tracker.propagation(["b"], 5, 5, LAST, run_id=body["run_id"])
        response = Tracker(tracker.url, "", 0).http.post(f"{tracker.session_url}/propagate", json=again)
        assert (response.status_code, response.json()["slug"]) == (409, "run-in-progress")
        tracker.cancel(body["run_id"])


@pytest.mark.parametrize("when", ["before the first line is read", "after two masks"])
def test_a_reader_that_leaves_frees_the_device_and_the_object_must_be_restored(
    tracker: Tracker, server: RunningServer, when: str
):
    tracker.prompt("ball", 5, click(75, 140))
    body = tracker.propagation(["ball"], 5, 0, LAST, direction="both")
    leaving = Tracker(tracker.url, tracker.path, NUM_FRAMES, session_id=tracker.session_id)
    with leaving.streaming(body) as events:
        if when == "after two masks":
            for _ in range(3):
                next(events)
    leaving.http.close()
    wait_for(lambda: len(server.inside.runs) == 0, 5)
    wait_for(lambda: server.inside.worker.num_waiting() == 0, 5)
    problem = tracker.prompt("ball", 5, click(75, 140)).json()
    assert problem["slug"] == "needs-restore"
    assert problem["have_token"].startswith("!interrupted")


def test_a_hundred_readers_that_leave_leave_nothing_behind(tracker: Tracker, server: RunningServer):
    wait_for(lambda: server.num_tasks() < 20)
    before = server.num_tasks()
    for number in range(100):
        object_id = f"object {number}"
        tracker.prompt(object_id, 5, click(75, 140))
        leaving = Tracker(tracker.url, tracker.path, NUM_FRAMES, session_id=tracker.session_id)
        with leaving.streaming(tracker.propagation([object_id], 5, 5, LAST)) as events:
            for _ in range(number % 3):
                next(events)
        leaving.http.close()
    wait_for(lambda: len(server.inside.runs) == 0, 5)
    wait_for(lambda: server.inside.worker.num_waiting() == 0, 5)
    wait_for(lambda: server.num_tasks() <= before, 5)
    with server.inside.sessions.using(tracker.session_id) as session:
        assert session.num_users == 1


def test_a_run_with_barriers_gives_the_bits_of_the_run_over_the_shorter_range(tracker: Tracker, server: RunningServer):
    shorter = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    shorter.open()
    for each in (shorter, tracker):
        each.prompt("a", 9, click(75, 140))
        each.prompt("b", 9, click(200, 60))
    expected = [
        *shorter.propagate(shorter.propagation(["a"], 9, 5, 14, direction="both"))[0],
        *shorter.propagate(shorter.propagation(["b"], 9, 2, LAST, direction="both"))[0],
    ]
    body = tracker.propagation(["a", "b"], 9, 2, LAST, direction="both")
    body["objects"][0]["locked"] = [1, 3, 4, 15, 20]
    masks, end = tracker.propagate(body)
    found = {(mask.object_id, mask.frame_index): (mask.mask, mask.object_score) for mask in masks}
    assert found == {(mask.object_id, mask.frame_index): (mask.mask, mask.object_score) for mask in expected}
    assert ended(end).frames == len(expected)


@pytest.mark.parametrize(
    ("direction", "visited"), [("both", [10, 11, 8, 7]), ("forward", [10, 11]), ("backward", [8, 7])]
)
def test_a_locked_start_is_left_out_and_no_barrier(tracker: Tracker, direction: str, visited: list[int]):
    tracker.prompt("ball", 9, click(75, 140))
    body = tracker.propagation(["ball"], 9, 0, LAST, direction=direction)
    body["objects"][0]["locked"] = [6, 9, 12]
    masks, _ = tracker.propagate(body)
    assert [mask.frame_index for mask in masks] == visited


def test_specks_and_holes_go_from_what_is_reported_and_not_from_what_is_remembered(
    tracker: Tracker, server: RunningServer
):
    plain = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    plain.open()
    for each in (plain, tracker):
        each.prompt("ball", 5, click(75, 140))
    expected, _ = plain.propagate(plain.propagation(["ball"], 5, 6, 10) | {"start_frame": 6})
    body = tracker.propagation(["ball"], 5, 6, 10) | {"start_frame": 6}
    body["objects"][0]["clean_under"] = 500
    masks, _ = tracker.propagate(body)
    assert [mask.object_score for mask in masks] == [mask.object_score for mask in expected]
    for mask, raw in zip(masks, expected, strict=True):
        np.testing.assert_array_equal(mask_of(mask), without_specks(mask_of(raw).astype(bool), under=500))
        assert mask.area == mask_of(mask).sum()
