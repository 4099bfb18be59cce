"""Automatic masklets: found, carried, verified, exported; cancelled and cut off."""

import asyncio
import io
import json
import time
import zipfile
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from backend.db.engine import Sessions
from backend.tables import Job
from backend.tables.states import JobState
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.workplace import WAIT_SECONDS, Annotator, click, disk

LIVELY = {"grids": [4], "min_predicted_iou": 0.0, "min_stability": 0.0, "clean_under": 0, "max_area": 1.0}
"""Random weights propose scattered masks; nothing is filtered but twins."""


async def begin(annotator: Annotator, **options: Any) -> httpx.Response:
    key = options.pop("key", uuid4())
    return await annotator.client.post(
        f"/api/videos/{annotator.video.video_id}/auto-labelings",
        json={**LIVELY, "max_masklets": 3, "every_seconds": None, **options},
        headers={"Idempotency-Key": str(key)},
    )


async def until(annotator: Annotator, holds: Any) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    labeling: Any = None
    while time.monotonic() < deadline:
        labeling = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}/auto-labeling")).json()
        if holds(labeling):
            return dict(labeling)
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain: {labeling}")


async def ended(annotator: Annotator) -> dict[str, Any]:
    return await until(annotator, lambda labeling: labeling["job"]["state"] in ("done", "failed"))


async def living(annotator: Annotator) -> list[dict[str, Any]]:
    return [masklet for masklet in (await annotator.changes())["masklets"] if not masklet["deleted"]]


async def test_masklets_are_found_carried_through_the_video_and_wait_for_a_verdict(annotator: Annotator) -> None:
    begun = await begin(annotator)
    assert begun.status_code == 202, begun.text
    labeling = await ended(annotator)
    assert (labeling["job"]["state"], labeling["problem"]) == ("done", None)
    masklets = await living(annotator)
    assert 0 < len(masklets) <= 3
    assert labeling["num_masklets"] == len(masklets)
    assert {masklet["origin"] for masklet in masklets} == {"auto"}
    for masklet in masklets:
        frames = await annotator.frames(masklet["id"])
        assert sorted(frames) == list(range(NUM_FRAMES))
        sources = {index: frame["mask"]["source"] for index, frame in frames.items()}
        assert sources == {0: "automatic"} | dict.fromkeys(range(1, NUM_FRAMES), "propagated")
        assert all(0 <= frame["mask"]["stability"] <= 1 for frame in frames.values())
        assert {frame["mask"]["model_version"] for frame in frames.values()} == {masklet["model_version"]}
    queue = (await annotator.client.get(f"/api/projects/{annotator.video.project_id}/review")).json()
    assert {(item["masklet"]["id"], item["num_edited_frames"]) for item in queue} == {(m["id"], 0) for m in masklets}


async def test_a_search_is_no_step_of_a_persons_history(annotator: Annotator) -> None:
    own = await annotator.create_masklet()
    await annotator.prompt(own, 5, click(120, 150))
    await annotator.undo_top()
    before = (await annotator.changes())["history"]
    await begin(annotator, max_masklets=1)
    await ended(annotator)
    assert (await annotator.changes())["history"] == before
    await annotator.redo_top()
    assert sorted(await annotator.frames(own)) == [5]
    (found,) = [masklet for masklet in await living(annotator) if masklet["origin"] == "auto"]
    assert (await annotator.prompt(found["id"], 7, click(100, 100))).status_code == 200
    await annotator.undo_top()
    assert (await annotator.frames(found["id"]))[7]["mask"]["source"] == "propagated"


async def test_what_was_found_once_is_not_found_again(annotator: Annotator) -> None:
    await begin(annotator, max_masklets=100)
    first = await ended(annotator)
    await begin(annotator, max_masklets=100)
    again = await ended(annotator)
    assert again["id"] != first["id"]
    assert (first["num_masklets"] > 0, again["num_masklets"]) == (True, 0)


async def test_the_same_request_is_one_search_and_a_second_one_waits_for_the_first(annotator: Annotator) -> None:
    key = uuid4()
    first, again = await begin(annotator, key=key), await begin(annotator, key=key)
    assert first.json()["id"] == again.json()["id"] == str(key)
    other = await begin(annotator)
    assert (other.status_code, other.json()["type"]) == (409, "urn:maskloom:problem:auto-labeling-running")
    reused = await begin(annotator, key=key, max_masklets=5)
    assert reused.json()["type"] == "urn:maskloom:problem:idempotency-key-reused"
    await ended(annotator)


@pytest.mark.parametrize("options", [{"max_masklets": 0}, {"grids": []}, {"min_area": 2}, {"every_seconds": 0.1}])
async def test_options_that_make_no_sense_are_refused(annotator: Annotator, options: dict[str, Any]) -> None:
    assert (await begin(annotator, **options)).status_code == 422
    latest = await annotator.client.get(f"/api/videos/{annotator.video.video_id}/auto-labeling")
    assert (latest.status_code, latest.json()) == (200, None)


async def test_a_cancelled_search_takes_what_it_was_carrying_away_and_leaves_the_rest(annotator: Annotator) -> None:
    begun = (await begin(annotator, grids=[4], max_masklets=100, every_seconds=0.5)).json()
    await until(annotator, lambda labeling: labeling["num_masklets"] > 0)
    cancelled = await annotator.client.post(f"/api/auto-labelings/{begun['id']}/cancel")
    assert cancelled.status_code == 200
    labeling = await ended(annotator)
    assert (labeling["job"]["state"], labeling["cancelled"]) == ("done", True)
    await asyncio.sleep(0.5)
    runs = (await annotator.changes())["runs"]
    assert {run["state"] for run in runs} <= {"cancelled", "done"}
    stopped = {masklet for run in runs if run["state"] == "cancelled" for masklet in run["masklet_ids"]}
    assert stopped.isdisjoint(masklet["id"] for masklet in await living(annotator))
    assert (await begin(annotator, max_masklets=1)).status_code == 202
    await ended(annotator)


async def test_a_cancelled_search_that_had_not_begun_is_in_no_way(annotator: Annotator, sessions: Sessions) -> None:
    """It ends at once, though searches of other projects may have hours to go before its turn."""
    first = (await begin(annotator)).json()
    await ended(annotator)
    async with sessions.begin() as session:
        waiting = update(Job).where(Job.id == UUID(first["job"]["id"])).values(state=JobState.queued, finished_at=None)
        await session.execute(waiting)
    cancelled = (await annotator.client.post(f"/api/auto-labelings/{first['id']}/cancel")).json()
    assert (cancelled["job"]["state"], cancelled["cancelled"]) == ("done", True)
    assert (await begin(annotator)).status_code == 202
    await ended(annotator)


async def test_a_search_waits_for_a_model_server_that_is_away(gated: Annotator, gate: Gate) -> None:
    await gate.shut()
    await begin(gated, max_masklets=2)
    waiting = await until(gated, lambda labeling: labeling["job"]["message"])
    assert waiting["job"]["message"] == "Waiting for the model server"
    await gate.open()
    assert (await ended(gated))["num_masklets"] > 0


async def test_later_key_frames_bring_what_is_new_there(annotator: Annotator) -> None:
    await begin(annotator, max_masklets=40, every_seconds=0.5)
    labeling = await ended(annotator)
    assert labeling["job"]["state"] == "done", labeling
    for masklet in await living(annotator):
        frames = await annotator.frames(masklet["id"])
        assert sorted(frames) == list(range(NUM_FRAMES))
        (start,) = [index for index, frame in frames.items() if frame["mask"]["source"] == "automatic"]
        assert start % 4 == 0


async def test_a_project_is_searched_video_by_video_and_only_once(annotator: Annotator) -> None:
    url = f"/api/projects/{annotator.video.project_id}/auto-labelings"
    key = {"Idempotency-Key": str(uuid4())}
    body = {**LIVELY, "max_masklets": 1, "every_seconds": None}
    begun = (await annotator.client.post(url, json=body, headers=key)).json()
    assert [labeling["video_id"] for labeling in begun] == [str(annotator.video.video_id)]
    again = (await annotator.client.post(url, json=body, headers=key)).json()
    assert [labeling["id"] for labeling in again] == [labeling["id"] for labeling in begun]
    await ended(annotator)
    assert [labeling["job"]["state"] for labeling in (await annotator.client.get(url)).json()] == ["done"]
    later = await annotator.client.post(url, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert later.json() == []


async def test_verified_automatic_masklets_are_exported_beside_the_manual_ones(annotator: Annotator) -> None:
    own = await annotator.create_masklet()
    await annotator.draw(own, 0, disk(120, 150, 10))
    await annotator.propagate([own], 0)
    await begin(annotator, grids=[8, 4], max_masklets=3)
    await ended(annotator)
    good, touched, *unverified = [masklet["id"] for masklet in await living(annotator) if masklet["origin"] == "auto"]
    await annotator.prompt(touched, 8, click(100, 100))
    for masklet in (good, touched):
        answer = await annotator.verdict(masklet, "satisfactory")
        assert answer.is_success, answer.text
    files = await exported(annotator)
    (auto,) = [json.loads(content) for name, content in files.items() if name.endswith("_auto.json")]
    (manual,) = [json.loads(content) for name, content in files.items() if name.endswith("_manual.json")]
    num_annotated = NUM_FRAMES // 4
    assert (auto["masklet_num"], manual["masklet_num"]) == (1, 2), "one that a person worked on is manual"
    assert (auto["masklet_type"], auto["masklet_edited_frame_count"]) == (["auto"], [0])
    frames = await annotator.frames(good)
    stability = [[frames[index]["mask"]["stability"]] for index in range(0, NUM_FRAMES, 4)]
    assert auto["masklet_stability_score"] == [[pytest.approx(row[0])] for row in stability]
    assert [len(row) for row in auto["masklet"]] == [1] * num_annotated
    assert isinstance(auto["masklet_first_appeared_frame"][0], int)
    assert (manual["masklet_type"], manual["masklet_stability_score"]) == (["manual"] * 2, [None] * 2)
    report = json.loads(files["manifest.json"])["report"]
    assert report["left_out"].get("unverified_automatic_masklets", 0) == len(unverified)


async def exported(annotator: Annotator) -> dict[str, bytes]:
    """The files of an export in SA-V's layout."""
    url = f"/api/projects/{annotator.video.project_id}/exports"
    begun = await annotator.client.post(url, json={"format": "sa_v"}, headers={"Idempotency-Key": str(uuid4())})
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        state = (await annotator.client.get(f"/api/exports/{begun.json()['id']}")).json()
        if state["state"] in ("done", "failed"):
            break
        await asyncio.sleep(0.05)
    archive = await annotator.client.get(f"/api/exports/{begun.json()['id']}/download")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        return {name: files.read(name) for name in files.namelist()}
