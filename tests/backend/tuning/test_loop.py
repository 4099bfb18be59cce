"""The loop of the paper: the model annotates, the annotations train the model, a person decides which one is used."""

import asyncio
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from backend.db.engine import Sessions
from backend.tables import Video
from model_server.models.catalogue.folder import Catalogue
from tests.backend.running import RunningBackend
from tests.backend.tuning.conftest import Tunings, click_once, is_training, verify
from tests.backend.workplace import StoredVideo
from tests.processes import processes_below

LONG = 100_000


@pytest.fixture
def tunings(workplace: RunningBackend, videos: list[StoredVideo], catalogue: Catalogue) -> Tunings:
    """Of the project of `videos`; what they make is gone from the catalogue after the test."""
    return Tunings(workplace.client, videos[0].project_id)


@pytest.mark.long
async def test_clicks_are_verified_train_a_model_that_is_judged_promoted_used_and_rolled_back(
    tunings: Tunings, videos: list[StoredVideo], catalogue: Catalogue
) -> None:
    client = tunings.client
    before = {await verify(client, video) for video in videos}
    assert len(before) == 1

    plan = await tunings.plan()
    assert (plan["num_masklets"], plan["num_training"], plan["num_held_out"], plan["problem"]) == (2, 1, 1, None)
    assert {plan["base_version"]} == before

    started = await tunings.start(plan["suggested_name"], 2)
    assert started.status_code == 202, started.text
    told = await tunings.ended(started.json()["id"])
    assert told["state"] == "done", told
    assert {told["base_version"]} == before
    measures = {each["measure"]: each for each in told["comparison"]}
    assert set(measures) == {
        *("J&F, mask", "J&F, clicks:3", "image IoU, clicks:1", "image IoU, clicks:3", "corrective clicks")
    }
    assert measures["corrective clicks"]["better"] == "fewer"

    entry = catalogue.find(plan["suggested_name"])
    assert (entry.version, {entry.parent}) == (told["version"], before)
    assert f"project-{tunings.project_id.hex[:8]}" in entry.origin  # not its name: everybody reads this
    assert await click_once(client, videos[0]) in before  # nobody has decided yet

    promoted = await tunings.decide(told["id"], "promoted")
    assert promoted.json()["decision"] == "promoted"
    assert await click_once(client, videos[0]) == entry.version not in before
    project = f"/api/projects/{tunings.project_id}/model"
    known = (await client.get(project)).json()
    assert (known["model"], known["can_roll_back"], known["roll_back_to"]) == (entry.name, True, None)

    rolled_back = (await client.post(f"{project}/roll-back")).json()
    assert rolled_back["model"] is None
    assert [(each["kind"], each["before"], each["after"]) for each in rolled_back["changes"]] == [
        ("rolled_back", entry.name, None),
        ("promoted", None, entry.name),
    ]
    assert all(each["by"] and each["tuning_id"] == told["id"] for each in rolled_back["changes"])
    assert await click_once(client, videos[0]) in before
    again = await client.post(f"{project}/roll-back")
    assert (again.status_code, again.json()["type"]) == (409, "urn:maskloom:problem:nothing-to-roll-back")


async def test_one_video_is_a_clear_problem_before_anything_starts(tunings: Tunings, videos: list[StoredVideo]) -> None:
    await verify(tunings.client, videos[0])
    plan = await tunings.plan()
    assert plan["problem"]["type"] == "urn:maskloom:problem:too-few-videos"
    assert "only one video has one" in plan["problem"]["detail"]
    refused = await tunings.start("balls", 2)
    assert (refused.status_code, refused.json()["detail"]) == (409, plan["problem"]["detail"])


async def test_the_same_file_uploaded_twice_is_one_source(
    tunings: Tunings, videos: list[StoredVideo], sessions: Sessions
) -> None:
    for video in videos:
        await verify(tunings.client, video)
    async with sessions.begin() as session:
        for video in videos:
            (await session.get_one(Video, video.video_id)).source_sha256 = "same"
    assert "all are one file" in (await tunings.plan())["problem"]["detail"]


async def test_a_tuning_ends_with_its_project(
    tunings: Tunings, videos: list[StoredVideo], catalogue: Catalogue, workplace: RunningBackend
) -> None:
    for video in videos:
        await verify(tunings.client, video)
    tuning_id = (await tunings.start("balls", LONG)).json()["id"]
    await tunings.until(tuning_id, is_training)
    process = _training_process()
    assert (await tunings.client.delete(f"/api/projects/{tunings.project_id}")).status_code == 204
    folder = workplace.settings.tunings_dir / tuning_id
    for _ in range(50):
        if not process.is_running() and not folder.exists():
            break
        await asyncio.sleep(0.1)
    assert (process.is_running(), folder.exists(), catalogue.entries()) == (False, False, [])


async def test_a_cancelled_tuning_ends_its_process_and_leaves_nothing(
    tunings: Tunings, videos: list[StoredVideo], catalogue: Catalogue, workplace: RunningBackend
) -> None:
    for video in videos:
        await verify(tunings.client, video)
    key = uuid4()
    started = await tunings.start("balls", LONG, key=key)
    tuning_id = started.json()["id"]
    assert (await tunings.start("balls", LONG, key=key)).json()["id"] == tuning_id  # asked twice, started once
    told = await tunings.until(tuning_id, is_training)
    assert told["progress"]["total"] == LONG
    assert told["progress"]["seconds_left"] > 0
    process = _training_process()
    assert process.nice() > 0  # annotators go first

    second = await tunings.start("others", 2)
    assert (second.status_code, second.json()["type"]) == (409, "urn:maskloom:problem:tuning-running")

    cancelled = await tunings.client.post(f"/api/tunings/{tuning_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    for _ in range(100):
        if not process.is_running():
            break
        await asyncio.sleep(0.1)
    assert not process.is_running()
    folder = workplace.settings.tunings_dir / tuning_id
    for _ in range(100):
        if not folder.exists():
            break
        await asyncio.sleep(0.1)
    assert not folder.exists()
    assert catalogue.entries() == []
    assert (await tunings.decide(tuning_id, "promoted")).json()["type"] == "urn:maskloom:problem:tuning-not-done"
    assert (await tunings.plan())["problem"] is None  # another can be started


async def test_a_failure_says_why(
    tunings: Tunings, videos: list[StoredVideo], catalogue: Catalogue, mini_weights: Path
) -> None:
    for video in videos:
        await verify(tunings.client, video)
    moved = mini_weights.with_name("away")
    mini_weights.rename(moved)
    try:
        told = await tunings.ended((await tunings.start("balls", 2)).json()["id"])
    finally:
        moved.rename(mini_weights)
    assert told["state"] == "failed"
    assert told["problem"]["type"] == "urn:maskloom:problem:tuning-failed"
    assert "mini.safetensors" in told["problem"]["detail"]
    assert (await tunings.client.post(f"/api/tunings/{told['id']}/cancel")).status_code == 409


async def test_a_name_that_a_model_has_is_refused(tunings: Tunings, videos: list[StoredVideo]) -> None:
    for video in videos:
        await verify(tunings.client, video)
    refused = await tunings.start("builtin", 2)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:maskloom:problem:model-name-taken")
    for name in ("Größe", "../x", ""):
        assert (await tunings.start(name, 2)).status_code == 422
    assert (await tunings.client.get(f"/api/tunings/{uuid4()}")).status_code == 404


def _training_process() -> psutil.Process:
    return processes_below(word="tune")[0]
