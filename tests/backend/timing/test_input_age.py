"""When the last input was, as heartbeats of every make tell it."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.engine import Sessions
from backend.tables.user import LOCAL_OWNER_ID
from backend.timing.queries import events_around
from tests.backend.workplace import StoredVideo

TOLD: list[tuple[dict[str, Any], float | None]] = [
    ({}, None),
    ({"had_input": False}, None),
    ({"had_input": None}, None),
    ({"had_input": "true"}, None),
    ({"had_input": 1}, None),
    ({"had_input": {"had_input": True}}, None),
    ({"input_age_ms": 300}, None),
    ({"had_input": True}, 0.0),
    ({"had_input": True, "input_age_ms": 300}, 0.3),
    ({"had_input": True, "input_age_ms": 2500.5, "more": [1]}, 2.5005),
    ({"had_input": True, "input_age_ms": -4}, 0.0),
    ({"had_input": True, "input_age_ms": 1e12}, 5.0),
    ({"had_input": True, "input_age_ms": "300"}, 0.0),
    ({"had_input": True, "input_age_ms": None}, 0.0),
]

_INSERT = """
    INSERT INTO activity_events (event_id, user_id, session_id, video_id, phase, kind, client_monotonic_ms, client_time,
        payload)
    VALUES (gen_random_uuid(), :person, gen_random_uuid(), :video, 'sam2', 'heartbeat', 1, now(),
        cast(:payload AS jsonb))
"""


@pytest.mark.parametrize(("payload", "age"), TOLD)
async def test_only_a_heartbeat_that_had_input_tells_its_age(
    sessions: Sessions, stored_video: StoredVideo, payload: dict[str, Any], age: float | None
) -> None:
    values = {"person": LOCAL_OWNER_ID, "video": stored_video.video_id, "payload": json.dumps(payload)}
    async with sessions.begin() as session:
        await session.execute(text(_INSERT), values)
        (event,) = await events_around(session, [stored_video.video_id])
    assert event.input_age == age
