"""The default model is promoted by a person, serves the next click without a restart, and is rolled back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from model_server.models.catalogue.addition import add
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.catalogue.promotions import LOG
from tests.backend.conftest import NUM_FRAMES
from tests.backend.models.test_models import catalogue, choose, default_version, tuned, version_of
from tests.backend.workplace import Annotator, click

__all__ = ["catalogue", "tuned"]


@pytest.fixture
async def birds(annotator: Annotator, catalogue: Catalogue, tuned: Path) -> AsyncIterator[Entry]:
    yield add(catalogue, tuned, name="birds")
    (catalogue.folder / LOG).unlink(missing_ok=True)
    await default_version(annotator)  # the model server sees it and has its own default again


async def test_the_next_click_in_mid_work_is_answered_by_the_promoted_model(annotator: Annotator, birds: Entry) -> None:
    masklet = await annotator.create_masklet()
    first = version_of(await annotator.prompt(masklet, 20, click(120, 150)))
    await annotator.propagate([masklet], 20)
    before = await annotator.frames(masklet)

    promoted = await annotator.client.put("/api/models/default", json={"model": "birds"})
    assert promoted.status_code == 200, promoted.text
    assert (promoted.json()["default"], promoted.json()["can_roll_back"]) == ("birds", True)
    assert version_of(await annotator.prompt(masklet, 10, click(100, 150))) == birds.version != first
    after = await annotator.frames(masklet)
    assert {index: frame["mask"]["id"] for index, frame in after.items() if index != 10} == {
        index: frame["mask"]["id"] for index, frame in before.items() if index != 10
    }
    assert (await annotator.client.get("/api/model")).json()["version"] == birds.version

    back = (await annotator.client.post("/api/models/default/roll-back")).json()
    assert [(made["kind"], made["model"]) for made in back["decisions"]] == [
        ("rolled-back", None),
        ("promoted", "birds"),
    ]
    assert all(made["by"] for made in back["decisions"])
    assert version_of(await annotator.prompt(masklet, 30, click(150, 150))) == first


async def test_a_run_goes_on_when_the_default_changes(annotator: Annotator, birds: Entry) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 0, click(20, 150))
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 2)
    await annotator.client.put("/api/models/default", json={"model": "birds"})
    other = await annotator.create_masklet()
    assert version_of(await annotator.prompt(other, 5, click(120, 150))) == birds.version
    run = await annotator.run_ended(started["id"])
    assert (run["state"], run["done"]) == ("done", run["total"])
    assert len(await annotator.frames(masklet)) == NUM_FRAMES


async def test_a_project_that_chose_a_model_keeps_it(annotator: Annotator, birds: Entry) -> None:
    await choose(annotator, "builtin")
    await annotator.client.put("/api/models/default", json={"model": "birds"})
    models = (await annotator.client.get("/api/models")).json()["models"]
    chosen = next(model["version"] for model in models if model["name"] == "builtin")
    masklet = await annotator.create_masklet()
    assert version_of(await annotator.prompt(masklet, 20, click(120, 150))) == chosen != birds.version


async def test_what_is_not_there_is_not_promoted_and_what_never_was_is_not_rolled_back(annotator: Annotator) -> None:
    refused = await annotator.client.put("/api/models/default", json={"model": "sam9"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:maskloom:problem:unknown-model")
    refused = await annotator.client.post("/api/models/default/roll-back")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:maskloom:problem:nothing-to-roll-back")
