"""Activity over HTTP: stored once, nonsense dropped, seconds derived."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.backend.workplace import Annotator, disk


def event(annotator: Annotator, seconds: float, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "event_id": str(uuid4()),
        "session_id": more.pop("session", "00000000-0000-4000-8000-000000000077"),
        "video_id": str(annotator.video.video_id),
        "masklet_id": None,
        "frame_index": 0,
        "phase": "sam2",
        "tool": "point",
        "kind": kind,
        "client_monotonic_ms": seconds * 1000,
        "client_time": datetime.now(UTC).isoformat(),
        "payload": {"keys": 2, "had_input": False},
    } | more


async def send(annotator: Annotator, *events: dict[str, Any]) -> dict[str, Any]:
    answer = await annotator.client.post("/api/activity", json={"events": list(events)})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def test_an_event_sent_twice_is_stored_once(annotator: Annotator) -> None:
    events = [event(annotator, 0, "open"), event(annotator, 3, "input")]
    assert await send(annotator, *events) == {"accepted": 2, "known": 0, "refused": 0}
    fresh = event(annotator, 4, "close")
    assert await send(annotator, *events, fresh) == {"accepted": 1, "known": 2, "refused": 0}


async def test_events_about_what_does_not_exist_are_dropped_and_the_rest_kept(annotator: Annotator) -> None:
    nonsense = [
        event(annotator, 0, "open", video_id=str(uuid4())),
        event(annotator, 1, "input", masklet_id=str(uuid4())),
        event(annotator, 2, "step", frame_index=9999),
    ]
    assert await send(annotator, *nonsense, event(annotator, 3, "input")) == {"accepted": 1, "known": 0, "refused": 3}


async def test_a_malformed_batch_is_refused_whole(annotator: Annotator) -> None:
    for bad in (
        {"kind": "sleep"},
        {"client_monotonic_ms": -1},
        {"client_time": "yesterday"},
        {"seconds": 3600},
        {"payload": {"track": [1, 2, 3]}},
    ):
        answer = await annotator.client.post("/api/activity", json={"events": [event(annotator, 0, "open") | bad]})
        assert answer.status_code == 422, bad
    many = [event(annotator, i, "input") for i in range(501)]
    assert (await annotator.client.post("/api/activity", json={"events": many})).status_code == 422


async def test_seconds_per_annotated_frame_come_from_the_events_and_the_grid(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    for frame in (0, 1, 4):  # 0 and 4 are on the grid of every fourth frame
        await annotator.draw(masklet, frame, disk(100, 100, 20))
    await send(
        annotator,
        event(annotator, 0, "focus", masklet_id=masklet),
        event(annotator, 4, "edit", masklet_id=masklet),
        event(annotator, 6, "input"),
        event(annotator, 8, "close"),
    )
    timing = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}/timing")).json()
    assert timing["idle_seconds"] == 30
    assert timing["shared_seconds"] == 2
    assert timing["annotation_seconds"] == timing["focused_seconds"] == timing["open_seconds"] == 8
    assert timing["at_idle"] == [{"idle_seconds": g, "annotation_seconds": 8} for g in (15, 30, 100)]
    assert timing["gaps"] == []
    assert timing["masklets"] == [
        {
            "masklet_id": masklet,
            "active_seconds": 6,
            "waiting_seconds": 0,
            "reviewing_seconds": 0,
            "verifying_seconds": 0,
            "shared_seconds": 2,
            "annotated_frames": 2,
            "edited_frames": 2,
            "clicks": 0,
            "seconds_per_frame": 4,
        }
    ]
