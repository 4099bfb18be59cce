"""Automatic masks over HTTP: what the search finds, who gets in between, and how it ends early."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from model_server.contract.search import FoundMask, SearchEvent, SearchProgress, search_event_adapter
from model_server.contract.tracking import RunFailed, RunHeartbeat, RunOpened
from model_server.mask_search import AutomaticOptions
from model_server.masks import rle
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.images.automatic_masks import automatic_masks
from model_server.video.reader import FrameReader
from tests.clips import HEIGHT, WIDTH
from tests.model_server.serving.conftest import NUM_FRAMES
from tests.model_server.serving.gated_segmenter import Gate, GatedSegmenter
from tests.model_server.serving.running_server import RunningServer, Tracker, click, ended, running_server, wait_for
from tests.model_server.serving.test_scheduling import in_background

LENIENT = {"grids": [5, 2], "min_predicted_iou": 0.05, "min_stability": 0.4, "clean_under": 20}


@contextmanager
def searching(tracker: Tracker, **body: Any) -> Iterator[Iterator[SearchEvent]]:
    """The events of a search as they come."""
    wish = {"epoch": 1, "run_id": uuid4().hex, "frame_index": 5} | body
    with tracker.http.stream("POST", f"{tracker.session_url}/automatic-masks", json=wish) as response:
        assert response.status_code == 200, response.read()
        yield (search_event_adapter.validate_json(line) for line in response.iter_lines())


def test_a_search_streams_progress_and_then_what_the_model_finds(tracker: Tracker, server: RunningServer) -> None:
    segmenter = server.inside.loader.segmenter
    assert isinstance(segmenter, Sam2Segmenter)
    reader = FrameReader(server.data_dir / "proxy.mp4", max_cached_bytes=0)
    options = AutomaticOptions((5, 2), min_predicted_iou=0.05, min_stability=0.4, clean_under=20, points_per_batch=16)
    expected = automatic_masks(segmenter.images(), reader.rgb(5), options)
    with searching(tracker, **LENIENT) as events:
        seen = [event for event in events if not isinstance(event, RunHeartbeat)]
    assert isinstance(seen[0], RunOpened)
    progress = [event for event in seen if isinstance(event, SearchProgress)]
    masks = [event for event in seen if isinstance(event, FoundMask)]
    assert {event.total for event in progress} == {25 + 4 * 4}
    assert progress[-1].asked == 41
    assert seen == [seen[0], *progress, *masks, seen[-1]]
    assert ended(seen[-1]).frames == len(masks) == len(expected) > 0
    assert not ended(seen[-1]).cancelled
    assert [mask.mask.counts for mask in masks] == [mask.counts for mask in expected]
    for mask in masks:
        assert rle.area(mask.mask.counts, height=HEIGHT, width=WIDTH) == mask.area
    assert [(mask.box, mask.point) for mask in masks] == [(mask.box, mask.point) for mask in expected]


def test_a_search_leaves_every_object_as_it_was(tracker: Tracker, server: RunningServer) -> None:
    tracker.prompt("ball", 5, click(75, 140))
    with searching(tracker, **LENIENT) as events:
        list(events)
    masks, _ = tracker.propagate(tracker.propagation(["ball"], 5, 5, 8))
    undisturbed = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    undisturbed.open()
    undisturbed.prompt("ball", 5, click(75, 140))
    others, _ = undisturbed.propagate(undisturbed.propagation(["ball"], 5, 5, 8))
    assert [mask.mask for mask in masks] == [mask.mask for mask in others]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"frame_index": NUM_FRAMES}, 422, "frame-out-of-range"),
        ({"grids": []}, 422, "malformed-request"),
        ({"grids": [0]}, 422, "malformed-request"),
        ({"grids": [65]}, 422, "malformed-request"),
        ({"min_stability": 1.5}, 422, "malformed-request"),
        ({"epoch": 0}, 409, "stale-epoch"),
        ({"epoch": 2}, 404, "unknown-session"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    tracker: Tracker, body: dict[str, Any], status: int, slug: str
) -> None:
    wish = {"epoch": 1, "run_id": "r", "frame_index": 5} | body
    response = tracker.http.post(f"{tracker.session_url}/automatic-masks", json=wish)
    assert (response.status_code, response.json()["slug"]) == (status, slug)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def gated(data_dir: Path, gate: Gate) -> Iterator[RunningServer]:
    with running_server(data_dir, lambda: GatedSegmenter(gate)) as server:
        yield server
        gate.let_through(10_000)


@pytest.fixture
def gated_tracker(gated: RunningServer) -> Iterator[Tracker]:
    tracker = Tracker(gated.url, "proxy.mp4", NUM_FRAMES)
    tracker.open()
    yield tracker
    tracker.http.close()


def test_a_prompt_waits_for_one_step_of_a_search_at_most(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
) -> None:
    asking = Tracker(gated.url, "", 0, session_id=gated_tracker.session_id)
    with searching(gated_tracker) as events:
        next(events)
        wait_for(lambda: gate.calls == ["search 5"], 10)
        prompting = in_background(lambda: asking.prompt("ball", 7, click(9, 9)))
        wait_for(lambda: gated.inside.worker.num_waiting() >= 1, 10)
        gate.let_through(100)
        assert ended(list(events)[-1]).frames == 0
    prompting.join(10)
    assert gate.calls == ["search 5", "prompt ball 7", *["search 5"] * 3]


def test_a_cancelled_search_ends_within_a_step_and_without_masks(
    gated: RunningServer, gated_tracker: Tracker, gate: Gate
) -> None:
    with searching(gated_tracker, run_id="cancel me") as events:
        next(events)
        wait_for(lambda: len(gate.calls) == 1, 10)
        gated_tracker.cancel("cancel me")
        gate.let_through(1)
        last = ended(list(events)[-1])
    assert (last.cancelled, last.frames) == (True, 0)
    assert gate.calls == ["search 5"]
    wait_for(lambda: len(gated.inside.runs) == 0, 10)


def test_a_reader_that_leaves_ends_the_search(gated: RunningServer, gated_tracker: Tracker, gate: Gate) -> None:
    with searching(gated_tracker) as events:
        next(events)
        wait_for(lambda: len(gate.calls) == 1, 10)
    wait_for(lambda: len(gated.inside.runs) == 0, 10)
    gate.let_through(2)
    gated_tracker.prompt("ball", 7, click(9, 9))
    assert gate.calls == ["search 5", "prompt ball 7"]


def test_a_session_that_is_closed_meanwhile_ends_the_search_with_its_problem(
    gated_tracker: Tracker, gate: Gate
) -> None:
    with searching(gated_tracker) as events:
        next(events)
        wait_for(lambda: len(gate.calls) == 1, 10)
        Tracker(gated_tracker.url, "", 0).http.delete(gated_tracker.session_url)
        gate.let_through(10)
        last = list(events)[-1]
    assert isinstance(last, RunFailed)
    assert last.code == "session-closed"


def test_found_masks_are_drawn_in_the_videos_size(tracker: Tracker) -> None:
    with searching(tracker, **LENIENT) as events:
        masks = [event for event in events if isinstance(event, FoundMask)]
    drawn = [rle.decode(mask.mask.counts, height=HEIGHT, width=WIDTH) for mask in masks]
    assert all(np.nonzero(each)[0].min() == mask.box[1] for each, mask in zip(drawn, masks, strict=True))
