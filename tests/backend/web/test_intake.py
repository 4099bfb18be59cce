"""A body that does not come is not waited for, and an open answer is not mistaken for one."""

import asyncio

import pytest
from starlette.types import Message

from backend.web import intake
from backend.web.intake import BodyTooSlow, Intake


async def never() -> Message:
    await asyncio.sleep(3600)
    raise AssertionError


@pytest.mark.parametrize("is_upload", [True, False])
async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch, is_upload: bool) -> None:
    monkeypatch.setattr(intake, "_SECONDS", 0.05)
    monkeypatch.setattr(intake, "_UPLOAD_SECONDS", 0.05)
    body = Intake(never, 100, is_upload=is_upload)
    with pytest.raises(BodyTooSlow):
        await body.receive()
    assert isinstance(body.problem, BodyTooSlow)


async def test_a_long_upload_may_take_any_time_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_UPLOAD_SECONDS", 0.2)

    async def drops() -> Message:
        await asyncio.sleep(0.08)
        return {"type": "http.request", "body": b"a", "more_body": True}

    body = Intake(drops, 100, is_upload=True)
    for _ in range(5):
        await body.receive()


async def test_whoever_reads_an_answer_may_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_SECONDS", 0.05)
    messages: list[Message] = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def once() -> Message:
        return messages.pop() if messages else await never()

    body = Intake(once, 100, is_upload=False)
    await body.receive()
    with pytest.raises(TimeoutError):  # of this test
        await asyncio.wait_for(body.receive(), 0.3)
    assert body.problem is None
