"""Tracking sessions over HTTP: epochs, eviction and restoring."""

import os
from pathlib import Path

import pytest

from tests.clips import draw_frame
from tests.model_server.serving.conftest import NUM_FRAMES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, click, ended, running_server, wait_for
from tests.model_server.serving.test_prompts import encoded
from tests.model_server.video.proxies import write_proxy


def test_opening_twice_with_one_epoch_keeps_the_session(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    again = tracker.open()
    assert again.status_code == 200
    opened = {"session_id": tracker.session_id, "epoch": 1, "tokens": tracker.tokens}
    assert again.json() == opened | {"model": "mini", "model_version": "recipe"}


def test_a_higher_epoch_takes_the_session_over_and_the_old_owner_is_refused(tracker: Tracker, server: RunningServer):
    tracker.prompt("ball", 5, click(75, 140))
    owner = Tracker(server.url, "proxy.mp4", NUM_FRAMES, epoch=2, session_id=tracker.session_id)
    assert owner.open().status_code == 201
    assert owner.prompt("ball", 5, click(75, 140)).status_code == 200
    for refused in (tracker.open(), tracker.prompt("ball", 5, click(75, 140))):
        assert (refused.status_code, refused.json()["slug"]) == (409, "stale-epoch")


def test_a_run_of_the_old_owner_ends_when_the_session_is_taken_over(tracker: Tracker, server: RunningServer):
    tracker.prompt("ball", 5, click(75, 140))
    owner = Tracker(server.url, "proxy.mp4", NUM_FRAMES, epoch=2, session_id=tracker.session_id)
    with tracker.streaming(tracker.propagation(["ball"], 5, 0, NUM_FRAMES - 1, direction="both")) as events:
        next(events)
        owner.open()
        last = list(events)[-1]
    assert last.t == "error"
    assert last.code == "session-closed"


def test_an_epoch_the_session_has_not_reached_is_unknown(tracker: Tracker):
    tracker.epoch = 7
    response = tracker.prompt("ball", 5, click(75, 140))
    assert (response.status_code, response.json()["slug"]) == (404, "unknown-session")


def test_a_session_that_was_never_opened_is_unknown(server: RunningServer):
    response = Tracker(server.url, "proxy.mp4", NUM_FRAMES).prompt("ball", 5, click(75, 140))
    assert (response.status_code, response.json()["slug"]) == (404, "unknown-session")


def test_a_closed_session_is_unknown_and_closing_again_is_no_error(tracker: Tracker):
    for _ in range(2):
        assert tracker.http.delete(tracker.session_url).status_code == 204
    assert tracker.prompt("ball", 5, click(75, 140)).json()["slug"] == "unknown-session"


@pytest.mark.parametrize("path", ["../proxy.mp4", "/etc/hostname"])
def test_a_video_outside_the_data_directory_is_refused(server: RunningServer, path: str):
    response = Tracker(server.url, path, NUM_FRAMES).open()
    assert (response.status_code, response.json()["slug"]) == (422, "path-outside-data")


def test_a_file_that_is_no_video_is_a_clear_problem(server: RunningServer):
    (server.data_dir / "noise.mp4").write_bytes(os.urandom(2048))
    response = Tracker(server.url, "noise.mp4", NUM_FRAMES).open()
    assert (response.status_code, response.json()["slug"]) == (422, "unreadable-video")
    assert "noise.mp4" in response.json()["detail"]


def test_a_video_of_other_measures_than_stated_is_refused(server: RunningServer):
    response = Tracker(server.url, "proxy.mp4", NUM_FRAMES + 1).open()
    assert (response.status_code, response.json()["slug"]) == (422, "unreadable-video")
    assert f"({NUM_FRAMES}, 320, 240)" in response.json()["detail"]


def test_the_same_epoch_on_another_video_is_refused(tracker: Tracker, server: RunningServer):
    write_proxy(server.data_dir / "other.mp4", 3)
    other = Tracker(server.url, "other.mp4", 3, session_id=tracker.session_id)
    assert other.open().status_code == 422


def test_an_edit_that_builds_on_another_history_needs_a_restore(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    known = tracker.tokens["ball"]
    tracker.tokens["ball"] = "a history this server never saw"
    response = tracker.prompt("ball", 6, click(75, 140))
    assert (response.status_code, response.json()["slug"]) == (409, "needs-restore")
    assert response.json()["have_token"] == known


def test_idle_sessions_are_closed_after_their_time(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("model_server.serving.sessions.register._SWEEP_SECONDS", 0.05)
    with running_server(data_dir, build_mini, model_session_ttl_seconds=0.3) as server:
        tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
        tracker.open()
        assert tracker.prompt("ball", 5, click(75, 140)).status_code == 200
        wait_for(lambda: len(server.inside.sessions) == 0, 5)
        assert tracker.prompt("ball", 6, click(75, 140)).json()["slug"] == "unknown-session"


def test_over_the_memory_budget_the_session_unused_longest_is_closed(data_dir: Path):
    with running_server(data_dir, build_mini, model_memory_bytes=2 * 2**20) as server:
        trackers = [Tracker(server.url, "proxy.mp4", NUM_FRAMES) for _ in range(3)]
        for tracker in trackers:
            assert tracker.open().status_code == 201
            for frame_index in (0, 5):
                assert tracker.prompt("ball", frame_index, click(75, 140)).status_code == 200
        assert trackers[0].prompt("ball", 6, click(75, 140)).json()["slug"] == "unknown-session"
        assert trackers[2].prompt("ball", 6, click(75, 140)).status_code == 200


def test_a_session_that_streams_is_never_evicted(data_dir: Path):
    with running_server(data_dir, build_mini, model_memory_bytes=2**20) as server:
        busy, late = (Tracker(server.url, "proxy.mp4", NUM_FRAMES) for _ in range(2))
        busy.open()
        busy.prompt("ball", 5, click(75, 140))
        with busy.streaming(busy.propagation(["ball"], 5, 0, NUM_FRAMES - 1, direction="both")) as events:
            for _ in range(5):
                next(events)
            refused = late.open()
            assert (refused.status_code, refused.json()["slug"]) == (503, "server-full")
            assert refused.headers["retry-after"]
            assert ended(list(events)[-1]).frames == NUM_FRAMES
        assert late.open().status_code == 201


def seeds(masks: list, conditioning: dict) -> dict:
    tracked = [
        {"frame_index": mask.frame_index, "mask": mask.mask.model_dump(), "object_score": mask.object_score}
        for mask in masks
        if mask.frame_index != conditioning["frame_index"]
    ]
    known = {
        "frame_index": conditioning["frame_index"],
        "prompt": None,
        "mask": conditioning["mask"],
        "object_score": conditioning["object_score"],
    }
    return {"conditioning": [known], "tracked": tracked}


def test_a_restored_object_gives_continued_work(tracker: Tracker, server: RunningServer):
    prompted = tracker.prompt("ball", 5, click(75, 140)).json()
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 14))
    token = tracker.tokens["ball"]
    later = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    later.open()
    later.tokens["ball"] = token
    assert later.prompt("ball", 16, click(90, 140)).json()["slug"] == "needs-restore"
    body = {"epoch": 1, "object_id": "ball", "token": token} | seeds(masks, prompted)
    restored = later.http.post(f"{later.session_url}/restore", json=body)
    assert restored.json() == {"restored": 10}
    more, end = later.propagate(later.propagation(["ball"], 14, 14, 20))
    assert ended(end).frames == 7
    assert all(mask.area > 0 for mask in more)


def test_a_prompt_whose_answer_was_never_stored_is_run_by_the_restore(tracker: Tracker, server: RunningServer):
    prompted = tracker.prompt("ball", 5, click(75, 140)).json()
    later = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    later.open()
    unanswered = {"frame_index": 5, "prompt": click(75, 140), "mask": None, "object_score": 0}
    body = {"epoch": 1, "object_id": "ball", "token": "t", "conditioning": [unanswered]}
    assert later.http.post(f"{later.session_url}/restore", json=body).json() == {"restored": 1}
    later.tokens["ball"] = "t"
    masks, _ = later.propagate(later.propagation(["ball"], 5, 5, 5))
    assert masks[0].mask.model_dump(mode="json") == prompted["mask"]


def test_restoring_an_empty_history_makes_the_object_new(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = {"epoch": 1, "object_id": "ball", "token": ""}
    assert tracker.http.post(f"{tracker.session_url}/restore", json=body).json() == {"restored": 0}
    tracker.tokens.clear()
    assert tracker.prompt("ball", 5, click(75, 140)).status_code == 200


def test_a_restore_with_a_mask_of_another_size_is_refused_and_the_object_stays_as_it_was(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    seed = {"frame_index": 5, "mask": encoded(draw_frame(5).truth[:-1]), "object_score": 1.0}
    body = {"epoch": 1, "object_id": "ball", "token": "t", "conditioning": [seed]}
    response = tracker.http.post(f"{tracker.session_url}/restore", json=body)
    assert (response.status_code, response.json()["slug"]) == (422, "bad-mask")
    assert tracker.prompt("ball", 6, click(75, 140)).status_code == 200


@pytest.mark.parametrize("start", [14, 25])
def test_masks_beyond_reach_do_not_change_what_a_restored_object_gives(
    tracker: Tracker, server: RunningServer, monkeypatch: pytest.MonkeyPatch, start: int
):
    prompted = tracker.prompt("ball", 5, click(75, 140)).json()
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 0, NUM_FRAMES - 1, direction="both"))
    continued = []
    for reach in (15, 64):
        monkeypatch.setattr("model_server.serving.sessions.stored_masks.REACH", reach)
        later = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
        later.open()
        body = {"epoch": 1, "object_id": "ball", "token": "t"} | seeds(masks, prompted)
        assert later.http.post(f"{later.session_url}/restore", json=body).json() == {"restored": NUM_FRAMES}
        later.tokens["ball"] = "t"
        corrected = later.prompt("ball", start, click(90, 140)).json()["mask"]
        again, _ = later.propagate(later.propagation(["ball"], start, start, start + 9))
        continued.append([corrected, *(mask.mask for mask in again)])
    assert continued[0] == continued[1]


def test_after_a_restart_the_same_requests_give_the_same_masks_bit_for_bit(data_dir: Path):
    answers: list[list[tuple[object, float]]] = []
    for _ in range(2):
        with running_server(data_dir, build_mini) as server:
            tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
            tracker.open()
            tracker.prompt("ball", 5, click(75, 140))
            tracker.propagate(tracker.propagation(["ball"], 5, 2, 12, direction="both"))
            tracker.prompt("ball", 9, click(60, 120, "negative"))
            masks, _ = tracker.propagate(tracker.propagation(["ball"], 9, 9, 18))
        answers.append([(mask.mask, mask.object_score) for mask in masks])
    assert len(answers[0]) == 10
    assert answers[0] == answers[1]
