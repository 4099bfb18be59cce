"""Characters that Postgres or UTF-8 cannot hold are refused, never a server error."""

from typing import Any
from uuid import uuid4

import pytest

from tests.backend.timing.test_activity import event
from tests.backend.workplace import Annotator

NUL, SURROGATE = "a\\u0000b", "a\\ud800b"  # as JSON escapes


@pytest.mark.parametrize("text", [NUL, SURROGATE])
async def test_text_that_cannot_be_stored_is_malformed(annotator: Annotator, text: str) -> None:
    masklet = await annotator.create_masklet()
    video, project = annotator.video.video_id, annotator.video.project_id
    for method, url, body in (
        ("POST", f"videos/{video}/masklets", '{"name": "TEXT"}'),
        ("PATCH", f"masklets/{masklet}", '{"name": "TEXT"}'),
        ("POST", f"masklets/{masklet}/verdicts", '{"verdict": "rejected", "reasons": ["TEXT"]}'),
        ("POST", f"masklets/{masklet}/verdicts", '{"verdict": "rejected", "note": "TEXT"}'),
        ("POST", f"projects/{project}/exports", '{"format": "TEXT"}'),
        ("POST", "projects", '{"name": "TEXT"}'),
        ("PATCH", f"projects/{project}", '{"name": "TEXT"}'),
        ("POST", f"projects/{project}/webhooks", '{"url": "https://example.org/TEXT", "events": ["video.ready"]}'),
        ("POST", f"projects/{project}/webhooks", '{"url": "https://h.org", "events": ["video.ready"], "note": "TEXT"}'),
        ("PATCH", f"videos/{video}", '{"environment": "TEXT"}'),
        (
            "PUT",
            f"masklets/{masklet}/frames/3/mask",
            '{"mask": {"size": [240, 320], "counts": "TEXT"}, "tool": "brush"}',
        ),
    ):
        answer = await annotator.client.request(
            method,
            f"/api/{url}",
            content=body.replace("TEXT", text),
            headers={"Content-Type": "application/json", "Idempotency-Key": str(uuid4()), "If-Match": '"1"'},
        )
        assert answer.status_code == 422, (method, url, answer.text)


@pytest.mark.parametrize(
    "bad",
    [
        {"tool": "a\x00b"},
        {"payload": {"a\x00b": 1}},
        {"payload": {"a": "a\x00b"}},
        {"client_time": "0001-01-01T00:00:00+14:00"},
        {"client_time": "9999-12-31T23:59:59-14:00"},
        {"client_monotonic_ms": 1e300},
        {"frame_index": 2**40},
    ],
)
async def test_activity_that_cannot_be_stored_is_malformed(annotator: Annotator, bad: dict[str, Any]) -> None:
    answer = await annotator.client.post("/api/activity", json={"events": [event(annotator, 0, "open") | bad]})
    assert answer.status_code == 422, answer.text
