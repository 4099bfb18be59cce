"""A prompt of many clicks: bounded, in steps between which others are served, and ended when nobody wants it."""

import asyncio
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from model_server.contract.prompts import MAX_CLICKS
from model_server.serving.gpu_worker import GpuWorker, Priority
from tests.model_server.serving.conftest import NUM_FRAMES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, click, running_server, wait_for


def clicks(count: int) -> dict[str, Any]:
    """So many clicks, all over the frame."""
    several = [click(10 + 3 * (number % 90), 10 + 2 * (number % 100))["clicks"][0] for number in range(count)]
    return {"clicks": several, "box": None, "mask": None}


def test_more_clicks_than_the_limit_are_refused_and_the_limit_is_named(tracker: Tracker) -> None:
    assert tracker.prompt("ball", 0, clicks(MAX_CLICKS)).status_code == 200
    for count in (MAX_CLICKS + 1, 1000):
        refused = tracker.prompt("ball", 0, clicks(count))
        assert (refused.status_code, refused.json()["slug"]) == (422, "malformed-request")
        assert f"at most {MAX_CLICKS} items" in refused.json()["detail"]


def test_a_click_elsewhere_is_answered_while_a_hundred_are(server: RunningServer, tracker: Tracker) -> None:
    elsewhere = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    elsewhere.open()
    elsewhere.prompt("other", 0, click(75, 140))  # the frame is encoded from here on
    tracker.prompt("ball", 0, click(75, 140))
    ended: list[str] = []
    asking = threading.Thread(target=lambda: (tracker.prompt("ball", 0, clicks(100)), ended.append("hundred")))
    asking.start()
    wait_for(lambda: server.inside.worker.busy_seconds() > 0)
    for x in (70, 71, 72):
        assert elsewhere.prompt("other", 0, click(x, 140)).status_code == 200
        ended.append("one")
    asking.join()
    assert ended == ["one", "one", "one", "hundred"]


def test_the_answer_is_the_same_whatever_comes_in_between(server: RunningServer, tracker: Tracker) -> None:
    alone = tracker.prompt("alone", 0, clicks(60)).json()["mask"]
    disturbed = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    disturbed.open()
    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(disturbed.prompt("ball", 0, clicks(60)).json()["mask"]))
    asking.start()
    while asking.is_alive():
        tracker.prompt("other", 3, clicks(7))
    assert found == [alone]


def test_a_prompt_whose_caller_leaves_is_withdrawn_and_leaves_no_trace(server: RunningServer, tracker: Tracker) -> None:
    worker = server.inside.worker
    tracker.prompt("other", 0, click(75, 140))
    body = {"epoch": 1, "object_id": "ball", "base_token": "", "token": "t", "frame_index": 0, "prompt": clicks(100)}
    with pytest.raises(httpx.ReadTimeout):
        tracker.http.post(f"{tracker.session_url}/prompt", json=body, timeout=0.1)
    left = time.monotonic()
    wait_for(lambda: worker.num_waiting() == 0 and worker.busy_seconds() == 0)
    assert time.monotonic() - left < 0.5
    assert tracker.prompt("ball", 0, click(75, 140)).status_code == 200  # which builds on nothing


def test_a_prompt_that_takes_too_long_is_given_up_and_leaves_no_trace(data_dir: Path) -> None:
    with running_server(data_dir, build_mini, model_prompt_seconds=1e-6) as server:
        tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
        tracker.open()
        refused = tracker.prompt("ball", 0, clicks(20))
        assert (refused.status_code, refused.json()["slug"]) == (504, "took-too-long")
        again = tracker.prompt("ball", 0, clicks(20))
        assert again.json()["slug"] == "took-too-long"  # and not needs-restore


def test_a_prompt_ends_with_its_session(server: RunningServer, tracker: Tracker) -> None:
    tracker.prompt("other", 0, click(75, 140))
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(tracker.prompt("ball", 0, clicks(100))))
    asking.start()
    wait_for(lambda: server.inside.worker.busy_seconds() > 0)
    httpx.delete(f"{server.url}/v1{tracker.session_url}")
    asking.join()
    assert answers[0].json()["slug"] == "session-closed"


class Order:
    """What the device did, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate = threading.Event()

    def steps(self, name: str, count: int, seconds: float = 0.0) -> Generator[None, None, str]:
        for _ in range(count):
            self.gate.wait(10)
            self.calls.append(name)
            time.sleep(seconds)
            yield
        return name


def test_replays_wait_for_people_and_go_before_runs() -> None:
    worker, order = GpuWorker(), Order()
    replay = worker.submit_steps(Priority.replay, order.steps("replay", 3))
    step = worker.submit(Priority.step, lambda: order.calls.append("step"))
    wait_for(lambda: worker.num_waiting() == 1)
    person = worker.submit_steps(Priority.prompt, order.steps("person", 2))
    order.gate.set()
    for each in (replay, step, person):
        each.result(10)
    worker.stop()
    assert order.calls == ["replay", "person", "person", "replay", "replay", "step"]


def test_whoever_has_had_much_of_the_device_lets_newer_prompts_go_first() -> None:
    worker, order = GpuWorker(), Order()
    order.gate.set()
    long = worker.submit_steps(Priority.prompt, order.steps("long", 12, seconds=0.1))
    wait_for(lambda: order.calls.count("long") >= 7)
    short = worker.submit_steps(Priority.prompt, order.steps("short", 4, seconds=0.01))
    short.result(10)
    assert not long.done()
    long.result(10)
    worker.stop()
    first = order.calls.index("short")
    assert order.calls[first : first + 4] == ["short"] * 4


def test_cancelled_steps_are_not_taken() -> None:
    worker, order = GpuWorker(), Order()
    order.gate.set()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.run_steps(Priority.prompt, order.steps("left", 100, seconds=0.05)), 0.12)

    asyncio.run(leave())
    wait_for(lambda: worker.num_waiting() == 0 and worker.busy_seconds() == 0)
    worker.stop()
    assert len(order.calls) <= 5
