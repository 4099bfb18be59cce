"""Who gets the device when. The calls are gated, so that what happens in which order does not depend on speed."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from model_server.contract.sessions import VideoReference
from model_server.contract.tracking import PropagateRequest
from model_server.masks import rle
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.runs.propagation import PropagationRun
from model_server.serving.sessions.session import Session
from model_server.video.reader import FrameReader
from tests.clips import HEIGHT, WIDTH
from tests.model_server.serving.conftest import NUM_FRAMES
from tests.model_server.serving.gated_segmenter import Gate, GatedSegmenter
from tests.model_server.serving.running_server import RunningServer, Tracker, click, ended, running_server, wait_for


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(data_dir: Path, gate: Gate) -> Iterator[RunningServer]:
    with running_server(data_dir, lambda: GatedSegmenter(gate)) as server:
        yield server
        gate.let_through(10_000)


@pytest.fixture
def gated_tracker(gated: RunningServer, gate: Gate) -> Iterator[Tracker]:
    """A session with one object, prompted on frame 0."""
    tracker = Tracker(gated.url, "proxy.mp4", NUM_FRAMES)
    tracker.open()
    gate.let_through(1)
    tracker.prompt("ball", 0, click(75, 140))
    gate.calls.clear()
    yield tracker
    tracker.http.close()


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_for_calls(gate: Gate, count: int) -> None:
    wait_for(lambda: len(gate.calls) >= count, 10)


def test_prompts_go_before_warm_ups_and_both_before_the_steps_of_a_run(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
):
    asking = Tracker(gated.url, "", 0, session_id=gated_tracker.session_id)
    with gated_tracker.streaming(gated_tracker.propagation(["ball"], 0, 0, 5)) as events:
        next(events)
        wait_for_calls(gate, 1)
        asking.http.post(f"{asking.session_url}/warm", json={"epoch": 1, "frame_index": 9})
        prompting = in_background(lambda: asking.prompt("other", 7, click(9, 9)))
        wait_for(lambda: gated.inside.worker.num_waiting() >= 5, 10)
        gate.let_through(100)
        list(events)
    prompting.join(10)
    steps = [f"track ball {frame_index}" for frame_index in range(6)]
    assert gate.calls == [steps[0], "prompt other 7", "warm 9", *steps[1:]]


def test_a_prompt_on_an_object_of_the_run_is_served_and_the_run_goes_on(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
):
    body = gated_tracker.propagation(["ball"], 0, 0, 5)
    asking = Tracker(gated.url, "", 0, session_id=gated_tracker.session_id, tokens=dict(gated_tracker.tokens))
    statuses: list[int] = []
    with gated_tracker.streaming(body) as events:
        next(events)
        wait_for_calls(gate, 1)
        prompting = in_background(lambda: statuses.append(asking.prompt("ball", 3, click(9, 9)).status_code))
        wait_for(lambda: gated.inside.worker.num_waiting() >= 4, 10)
        gate.let_through(100)
        last = list(events)[-1]
    prompting.join(10)
    assert statuses == [200]
    assert gate.calls[1] == "prompt ball 3"
    assert ended(last).frames == 6
    assert asking.prompt("ball", 4, click(9, 9)).status_code == 200


def prompt_many(tracker: Tracker, gate: Gate, count: int) -> list[str]:
    """Several objects, prompted on frame 0."""
    object_ids = [f"o{number}" for number in range(count)]
    gate.let_through(count)
    for object_id in object_ids:
        tracker.prompt(object_id, 0, click(75, 140))
    gate.calls.clear()
    return object_ids


def test_the_objects_of_a_frame_go_through_the_model_together(
    gated_tracker: Tracker, gate: Gate, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model_server.serving.runs.propagation._OBJECTS_AT_FIRST", 8)
    object_ids = prompt_many(gated_tracker, gate, 3)
    skip = [{"object_id": "o1", "frame_index": 1}]
    gate.let_through(3)
    masks, end = gated_tracker.propagate(gated_tracker.propagation(object_ids, 0, 0, 2, skip=skip))
    assert gate.calls == ["track o0+o1+o2 0", "track o0+o2 1", "track o0+o1+o2 2"]
    assert [(mask.frame_index, mask.object_id) for mask in masks] == [
        (frame, name) for frame in range(3) for name in object_ids if (frame, name) != (1, "o1")
    ]
    assert ended(end).frames == 8


def test_where_an_object_takes_long_a_step_has_fewer_of_them(
    gated_tracker: Tracker, gate: Gate, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model_server.serving.runs.propagation._STEP_SECONDS", 1e-9)
    monkeypatch.setattr("model_server.serving.runs.propagation._STEPS_AHEAD", 1)
    object_ids = prompt_many(gated_tracker, gate, 10)
    gate.let_through(100)
    gated_tracker.propagate(gated_tracker.propagation(object_ids, 0, 0, 0))
    assert gate.calls == ["track o0+o1 0", *(f"track o{number} 0" for number in range(2, 10))]


def test_where_objects_take_no_time_a_step_soon_has_many_of_them(
    gated_tracker: Tracker, gate: Gate, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model_server.serving.runs.propagation._STEP_SECONDS", 100.0)
    monkeypatch.setattr("model_server.serving.runs.propagation._STEPS_AHEAD", 1)
    object_ids = prompt_many(gated_tracker, gate, 14)
    gate.let_through(100)
    gated_tracker.propagate(gated_tracker.propagation(object_ids, 0, 0, 0))
    assert [call.count("+") + 1 for call in gate.calls] == [2, 4, 8]


def test_a_cancel_during_a_step_lets_that_step_end_and_no_other_begin(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
):
    body = gated_tracker.propagation(["ball"], 0, 0, 30)
    with gated_tracker.streaming(body) as events:
        next(events)
        gate.let_through(2)
        wait_for_calls(gate, 3)
        gated_tracker.cancel(body["run_id"])
        gate.let_through(100)
        rest = list(events)
    assert gate.calls == ["track ball 0", "track ball 1", "track ball 2"]
    assert [event.frame_index for event in rest if event.t == "mask"] == [0, 1, 2]
    assert ended(rest[-1]).cancelled


def test_a_reader_that_leaves_during_a_step_lets_that_step_end_and_no_other_begin(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
):
    with gated_tracker.streaming(gated_tracker.propagation(["ball"], 0, 0, 30)) as events:
        next(events)
        wait_for_calls(gate, 1)
    gated_tracker.http.close()
    wait_for(lambda: len(gated.inside.runs) == 0, 10)
    gate.let_through(100)
    wait_for(lambda: gated.inside.worker.num_waiting() == 0 and gate.waiting == 0, 10)
    assert gate.calls == ["track ball 0"]


def test_an_object_whose_prompt_failed_in_the_model_must_be_restored(gated_tracker: Tracker, gate: Gate):
    gate.let_through(10)
    failed = gated_tracker.prompt("broken", 3, click(9, 9))
    assert (failed.status_code, failed.json()["slug"]) == (500, "model-failed")
    assert "ran out of memory" in failed.json()["detail"]
    assert gated_tracker.prompt("broken", 3, click(9, 9)).json()["slug"] == "needs-restore"
    assert gated_tracker.prompt("ball", 3, click(9, 9)).status_code == 200


def test_stored_masks_are_handed_to_the_model_when_work_comes_near(
    gated_tracker: Tracker, gate: Gate, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model_server.serving.sessions.stored_masks.REACH", 2)
    empty = {"size": [HEIGHT, WIDTH], "counts": rle.encode(np.zeros((HEIGHT, WIDTH), dtype=bool))}
    stored = [{"frame_index": index, "mask": empty, "object_score": 1.0} for index in range(NUM_FRAMES)]
    body = {"epoch": 1, "object_id": "old", "token": "t", "conditioning": stored[:1], "tracked": stored[1:]}
    gated_tracker.http.post(f"{gated_tracker.session_url}/restore", json=body).raise_for_status()
    gated_tracker.tokens["old"] = "t"
    assert gate.calls == ["forget old", "seed old 0"]
    gate.calls.clear()
    gate.let_through(10)
    gated_tracker.propagate(gated_tracker.propagation(["old"], 20, 20, 21))
    seeded = [f"seed old {index}" for index in range(18, 23)]
    assert gate.calls == [*seeded, "track old 20", "seed old 23", "track old 21"]


def test_a_quiet_run_sends_heartbeats(gated_tracker: Tracker, gate: Gate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("model_server.serving.runs.propagation.HEARTBEAT_SECONDS", 0.05)
    with gated_tracker.streaming(gated_tracker.propagation(["ball"], 0, 0, 1)) as events:
        assert [next(events).t for _ in range(4)] == ["open", "heartbeat", "heartbeat", "heartbeat"]
        gate.let_through(2)
        assert [event.t for event in events if event.t != "heartbeat"] == ["mask", "mask", "end"]


def test_two_runs_share_the_device_in_turns(gated: RunningServer, gated_tracker: Tracker, gate: Gate):
    other = Tracker(gated.url, "proxy.mp4", NUM_FRAMES)
    other.open()
    gate.let_through(1)
    other.prompt("other", 0, click(75, 140))
    gate.calls.clear()
    waits_with = gated.inside.worker.num_waiting
    first = in_background(lambda: gated_tracker.propagate(gated_tracker.propagation(["ball"], 0, 0, 19)))
    wait_for(lambda: len(gate.calls) == 1 and waits_with() == 3, 10)
    second = in_background(lambda: other.propagate(other.propagation(["other"], 0, 0, 19)))
    wait_for(lambda: waits_with() == 4, 10)  # the second run begins after the first step of the first
    gate.let_through(1)
    wait_for(lambda: waits_with() == 7, 10)
    gate.let_through(100)
    first.join(10)
    second.join(10)
    objects = [call.split()[1] for call in gate.calls]
    assert objects[:9].count("other") == 4
    assert objects.count("ball") == objects.count("other") == 20


async def test_a_slow_reader_pauses_the_run(data_dir: Path, gate: Gate):
    gate.let_through(1000)
    reader = FrameReader(data_dir / "proxy.mp4")
    video = VideoReference(path="proxy.mp4", width=WIDTH, height=HEIGHT, num_frames=NUM_FRAMES)
    session = Session("s", 1, video, reader=reader, tracking=GatedSegmenter(gate).open(reader))
    session.tokens["ball"] = "a"
    request = PropagateRequest.model_validate(
        {
            "epoch": 1,
            "run_id": "r",
            "objects": [{"object_id": "ball", "base_token": "a", "token": "b"}],
            "start_frame": 0,
            "first_frame": 0,
            "last_frame": 30,
            "direction": "forward",
        }
    )
    worker = GpuWorker()
    run = PropagationRun(request, session, worker)
    await run.begin()
    events = run.events()
    for _ in range(2):
        await anext(events)
    await asyncio.sleep(0.3)
    assert 1 <= len(gate.calls) <= 32
    assert len(gate.calls) < 31
    rest = [event async for event in events]
    assert [event.t for event in rest].count("mask") == 30
    run.close()
    await asyncio.to_thread(worker.stop)


def test_a_job_that_fails_hands_its_error_to_whoever_asked_and_the_thread_goes_on():
    worker = GpuWorker()

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        worker.submit(Priority.prompt, fail).result(5)
    assert worker.submit(Priority.prompt, lambda: 7).result(5) == 7
    worker.stop()


def test_a_stopped_worker_cancels_what_waits_and_takes_nothing_new():
    worker = GpuWorker()
    begun, go_on = threading.Event(), threading.Event()
    running = worker.submit(Priority.step, lambda: (begun.set(), go_on.wait(10)))
    begun.wait(10)
    waiting = worker.submit(Priority.prompt, lambda: None)
    stopping = in_background(worker.stop)
    wait_for(lambda: worker.submit(Priority.prompt, lambda: None).cancelled(), 5)
    go_on.set()
    stopping.join(5)
    assert running.result(5) == (None, True)
    assert waiting.cancelled()
