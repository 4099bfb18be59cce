"""What the model fails at twice is set aside, shown, and not asked again; what is too much is refused in words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import PromptSet
from model_server.contract.prompts import MAX_CLICKS
from tests.backend.gate import Gate
from tests.backend.model_process import ModelProcess
from tests.backend.running import running_backend
from tests.backend.workplace import Annotator, StoredVideo, click


def many(count: int) -> list[dict[str, Any]]:
    return [click(10 + 3 * (number % 90), 10 + 2 * (number % 100)) for number in range(count)]


@pytest.mark.parametrize("count", [MAX_CLICKS + 1, 1000, 5000])
async def test_too_many_clicks_are_refused_in_words_and_nothing_is_stored(annotator: Annotator, count: int) -> None:
    masklet = await annotator.create_masklet()
    answer = await annotator.prompt(masklet, 3, *many(count))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:malformed-request")
    words = f"at most {MAX_CLICKS} (clicks) are taken at once; these are {count:,}"
    assert answer.json()["detail"] == f"body.clicks: {words}"
    assert (await annotator.changes())["frames"] == []


async def until_aside(annotator: Annotator, masklet: str, frame: int) -> dict[str, Any]:
    for _ in range(400):
        found = (await annotator.frames(masklet))[frame]
        if found["problem"]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


async def test_a_prompt_set_of_an_earlier_version_with_more_clicks_is_set_aside_and_does_not_block_its_masklet(
    work_settings: Settings, stored_video: StoredVideo, gate: Gate, sessions: Sessions
) -> None:
    settings = work_settings.model_copy(update={"model_url": gate.url})
    key = uuid4()
    await gate.shut()
    async with running_backend(settings) as running:
        earlier = Annotator(running.client, stored_video)
        masklet = await earlier.create_masklet()
        assert (await earlier.prompt(masklet, 3, click(70, 140), key=key)).status_code == 503
    async with sessions.begin() as session:  # while no backend runs that could finish the prompt as it was
        await session.execute(update(PromptSet).where(PromptSet.action_id == key).values(clicks=many(1000)))
    await gate.open()
    async with running_backend(settings) as running:
        annotator = Annotator(running.client, stored_video, versions=earlier.versions)
        shown = await until_aside(annotator, masklet, 3)
        assert (len(shown["prompts"]["clicks"]), shown["mask"]) == (1000, None)
        assert shown["problem"]["detail"] == (
            f"A frame takes at most {MAX_CLICKS} clicks. Change the prompt, and it is asked again."
        )
        changed = await annotator.prompt(masklet, 3, click(70, 140))
        assert changed.status_code == 200, changed.text
        assert changed.json()["frame"]["problem"] is None
        assert changed.json()["frame"]["mask"]["source"] == "prompted"


@pytest.fixture
async def hasty(
    shared_dir: Path,
    mini_weights: Path,
    work_settings: Settings,
    stored_video: StoredVideo,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Settings]:
    """Settings with a model server that gives every prompt up."""
    monkeypatch.setenv("MASKLOOM_MODEL_PROMPT_SECONDS", "0.000001")
    process = ModelProcess(shared_dir, mini_weights)
    await asyncio.to_thread(process.start)
    yield work_settings.model_copy(update={"model_url": process.url})
    process.kill()


async def test_what_takes_too_long_twice_is_set_aside_and_not_asked_again_after_a_restart(
    hasty: Settings, stored_video: StoredVideo, sessions: Sessions
) -> None:
    async with running_backend(hasty) as running:
        annotator = Annotator(running.client, stored_video)
        masklet = await annotator.create_masklet()
        key = uuid4()
        answer = await annotator.prompt(masklet, 3, *many(20), key=key)
        assert (answer.status_code, answer.json()["type"]) == (504, "urn:maskloom:problem:model-took-too-long")
        shown = await until_aside(annotator, masklet, 3)
        assert shown["problem"]["type"] == "urn:maskloom:problem:model-took-too-long"
        assert "Change the prompt" in shown["problem"]["detail"]
        assert await failures(sessions, key) == 2
        again = await annotator.prompt(masklet, 3, *many(20), key=key, version=1)
        assert (again.status_code, again.json()["frame"]) == (200, shown)
    async with running_backend(hasty) as running:
        annotator = Annotator(running.client, stored_video)
        await asyncio.sleep(3)
        assert (await annotator.frames(masklet))[3] == shown
        assert await failures(sessions, key) == 2


async def failures(sessions: Sessions, action_id: UUID) -> int:
    async with sessions.begin() as session:
        return (
            await session.execute(text("SELECT failures FROM prompt_sets WHERE action_id = :id"), {"id": action_id})
        ).scalar_one()


@pytest.mark.parametrize("deleted", ["the masklet", "its video", "its project"])
async def test_a_prompt_of_what_is_deleted_meanwhile_is_withdrawn_from_the_model_server(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch, deleted: str
) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 3, click(70, 140))
    asked, left = asyncio.Event(), asyncio.Event()

    async def never(*_: Any, **__: Any) -> None:
        asked.set()
        try:
            await asyncio.sleep(60)
        finally:
            left.set()

    monkeypatch.setattr("backend.annotation.tracking.tracking_client.TrackingClient.prompt", never)
    waiting = asyncio.create_task(annotator.prompt(masklet, 5, click(90, 140)))
    await asyncio.wait_for(asked.wait(), 10)
    if deleted == "the masklet":
        await annotator.changes()
        assert (await annotator.delete(masklet)).status_code == 200
    else:
        video = annotator.video
        of = {"its video": f"videos/{video.video_id}", "its project": f"projects/{video.project_id}"}
        assert (await annotator.client.delete(f"/api/{of[deleted]}")).status_code == 204
    await asyncio.wait_for(left.wait(), 5)
    await asyncio.wait_for(waiting, 5)
