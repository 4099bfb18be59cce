"""A project chooses its model: its masks say which it was, and a change in between loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.annotation.tracking.tracking_client import TrackingClient
from backend.settings import Settings
from model_server.models.catalogue.addition import add
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from tests.backend.annotation.test_prompts import until_answered
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.model_process import ModelProcess
from tests.backend.running import running_backend
from tests.backend.workplace import Annotator, StoredVideo, click
from tests.mini_weights import VISIBLE
from tests.model_server.recipe_weights import recipe_network

HEAD = "sam_mask_decoder.iou_prediction_head.layers.2.bias"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another network of the same kind: it answers a click with another candidate."""
    path = tmp_path_factory.mktemp("tuned") / "tuned.safetensors"
    network = recipe_network(replace(PRESETS["mini"], image_size=128), {**VISIBLE, HEAD: [0.0, 0.0, 0.0, 30.0]})
    save(network, path, card="# Tuned", metrics={"j_and_f": 1.0})
    return path


@pytest.fixture
def catalogue(shared_dir: Path) -> Iterator[Catalogue]:
    """The model server's; empty again after the test."""
    catalogue = Catalogue(shared_dir / "models")
    yield catalogue
    for entry in catalogue.entries():
        catalogue.remove(entry.name)


@pytest.fixture
def birds(catalogue: Catalogue, tuned: Path) -> Entry:
    return add(catalogue, tuned, name="birds")


async def choose(annotator: Annotator, model: str | None) -> Any:
    answer = await annotator.client.patch(f"/api/projects/{annotator.video.project_id}", json={"model": model})
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"] == model
    return answer.json()


def version_of(answer: Any) -> str:
    return answer.json()["frame"]["mask"]["model_version"]


async def default_version(annotator: Annotator) -> str:
    return (await annotator.client.get("/api/model")).json()["version"]


async def test_the_catalogue_tells_which_is_the_default_and_who_uses_what(annotator: Annotator, birds: Entry) -> None:
    await choose(annotator, "birds")
    body = (await annotator.client.get("/api/models")).json()
    by_name = {model["name"]: model for model in body["models"]}
    assert [model["name"] for model in body["models"] if model["is_default"]] == [body["default"]]
    assert {"builtin", "birds"} <= set(by_name)
    told = by_name["birds"]
    assert (told["version"], told["digest"], told["card"]) == (birds.version, birds.digest, "# Tuned")
    assert told["projects"] == [{"id": str(annotator.video.project_id), "name": "P"}]
    assert (by_name["builtin"]["builtin"], by_name["builtin"]["projects"]) == (True, [])
    assert body["missing"] == []


async def test_a_project_s_model_answers_and_its_masks_are_marked_with_it(annotator: Annotator, birds: Entry) -> None:
    await choose(annotator, "birds")
    masklet = await annotator.create_masklet()
    answer = await annotator.prompt(masklet, 20, click(120, 150))
    assert version_of(answer) == birds.version
    await annotator.propagate([masklet], 20, direction="forward")
    versions = {frame["mask"]["model_version"] for frame in (await annotator.frames(masklet)).values()}
    assert versions == {birds.version}
    names = {row["version"]: row["name"] for row in (await annotator.client.get("/api/model-versions")).json()}
    assert names[birds.version] == "birds"


async def test_a_change_of_model_in_mid_work_is_used_by_the_next_click_and_loses_nothing(
    annotator: Annotator, birds: Entry
) -> None:
    masklet = await annotator.create_masklet()
    first = await annotator.prompt(masklet, 20, click(120, 150))
    await annotator.propagate([masklet], 20)
    before = await annotator.frames(masklet)
    assert len(before) == NUM_FRAMES

    await choose(annotator, "birds")
    second = await annotator.prompt(masklet, 10, click(100, 150))
    assert version_of(second) == birds.version != version_of(first)
    after = await annotator.frames(masklet)
    assert {index: frame["mask"]["id"] for index, frame in after.items() if index != 10} == {
        index: frame["mask"]["id"] for index, frame in before.items() if index != 10
    }

    await annotator.propagate([masklet], 10)
    tracked = await annotator.frames(masklet)
    assert tracked[20] == before[20]  # prompted: it keeps its mask, and what made it
    assert {frame["mask"]["model_version"] for index, frame in tracked.items() if index != 20} == {birds.version}

    await choose(annotator, None)
    third = await annotator.prompt(masklet, 30, click(150, 150))
    assert version_of(third) == version_of(first) == await default_version(annotator)


async def test_a_change_of_model_is_followed_by_a_run_that_is_going_on(annotator: Annotator, birds: Entry) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 0, click(20, 150))
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 2)
    await choose(annotator, "birds")
    other = await annotator.create_masklet()
    assert version_of(await annotator.prompt(other, 5, click(120, 150))) == birds.version
    run = await annotator.run_ended(started["id"])
    assert (run["state"], run["done"]) == ("done", run["total"])
    frames = await annotator.frames(masklet)
    assert len(frames) == NUM_FRAMES
    assert {frame["mask"]["model_version"] for frame in frames.values()} <= {
        birds.version,
        await default_version(annotator),
    }


async def test_a_choice_made_while_the_model_server_is_away_holds_when_it_is_back(
    gated: Annotator, gate: Gate, birds: Entry
) -> None:
    await choose(gated, "birds")
    masklet = await gated.create_masklet()
    assert version_of(await gated.prompt(masklet, 20, click(120, 150))) == birds.version
    await gate.shut()
    await choose(gated, None)
    assert (await gated.prompt(masklet, 24, click(120, 150))).status_code == 503
    await gate.open()
    frame = await until_answered(gated, masklet, 24)
    assert frame["mask"]["model_version"] == await default_version(gated)


async def test_a_model_that_was_removed_is_a_clear_problem_and_the_prompt_waits_for_another(
    annotator: Annotator, birds: Entry, catalogue: Catalogue
) -> None:
    await choose(annotator, "birds")
    catalogue.remove("birds")
    masklet = await annotator.create_masklet()
    refused = await annotator.prompt(masklet, 20, click(120, 150))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:maskloom:problem:model-unusable")
    assert "birds" in refused.json()["detail"]
    assert "Choose another model in the project's settings." in refused.json()["detail"]
    missing = (await annotator.client.get("/api/models")).json()["missing"]
    assert [(model["name"], model["projects"][0]["name"]) for model in missing] == [("birds", "P")]

    await choose(annotator, None)  # the prompt gets its mask without being asked again
    frame = await until_answered(annotator, masklet, 20)
    assert frame["mask"]["model_version"] == await default_version(annotator)


async def test_a_prompt_without_a_model_is_not_asked_again_and_again(
    annotator: Annotator, birds: Entry, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(annotator, "birds")
    catalogue.remove("birds")
    masklet = await annotator.create_masklet()
    asked = 0
    prompt = TrackingClient.prompt

    async def counted(*given: Any, **more: Any) -> Any:
        nonlocal asked
        asked += 1
        return await prompt(*given, **more)

    monkeypatch.setattr(TrackingClient, "prompt", counted)
    monkeypatch.setattr("backend.annotation.prompts.finisher._LEFT_AFTER", timedelta(0))
    monkeypatch.setattr("backend.annotation.prompts.finisher._LOOK_SECONDS", 0.2)
    assert (await annotator.prompt(masklet, 20, click(120, 150))).status_code == 409
    await asyncio.sleep(4)  # the first look may be two seconds away
    assert asked <= 2  # by its own request, and once in the background
    await choose(annotator, None)
    await until_answered(annotator, masklet, 20)


async def test_a_propagation_whose_model_is_gone_fails_with_the_reason(
    annotator: Annotator, birds: Entry, catalogue: Catalogue, model_process: ModelProcess
) -> None:
    await choose(annotator, "birds")
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 20, click(120, 150))
    catalogue.remove("birds")
    model_process.kill()
    model_process.start()
    run = await annotator.propagate([masklet], 20)
    assert run["state"] == "failed"
    assert run["problem"]["type"] == "urn:maskloom:problem:model-unusable"


async def test_a_model_nobody_has_cannot_be_chosen(annotator: Annotator) -> None:
    url = f"/api/projects/{annotator.video.project_id}"
    refused = await annotator.client.patch(url, json={"model": "sam9"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:maskloom:problem:unknown-model")
    assert "builtin" in refused.json()["detail"]
    created = await annotator.client.post("/api/projects", json={"name": "Q", "model": "sam9"})
    assert created.status_code == 422
    assert (await annotator.client.get(url)).json()["model"] is None


async def test_a_project_is_created_with_its_model_and_renaming_leaves_it_alone(
    annotator: Annotator, birds: Entry
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"name": "Q", "model": "birds"}
    for _ in range(2):
        created = await annotator.client.post("/api/projects", json=body, headers=key)
        assert (created.status_code, created.json()["model"]) == (201, "birds")
    renamed = await annotator.client.patch(f"/api/projects/{created.json()['id']}", json={"name": "R"})
    assert (renamed.json()["name"], renamed.json()["model"]) == ("R", "birds")


@pytest.fixture
async def lonely(work_settings: Settings, stored_video: StoredVideo) -> AsyncIterator[Annotator]:
    """An annotator whose model server is nowhere."""
    nowhere = work_settings.model_copy(update={"model_url": "http://127.0.0.1:9"})
    async with running_backend(nowhere) as running:
        yield Annotator(running.client, stored_video)


async def test_without_a_model_server_a_project_can_be_renamed_and_set_to_the_default(lonely: Annotator) -> None:
    url = f"/api/projects/{lonely.video.project_id}"
    assert (await lonely.client.patch(url, json={"name": "R", "model": None})).status_code == 200
    refused = await lonely.client.patch(url, json={"model": "birds"})
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:maskloom:problem:model-server-unavailable")
    assert (await lonely.client.get("/api/models")).status_code == 503
    assert (await lonely.client.get("/api/model-versions")).json() == []
