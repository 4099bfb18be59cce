"""What a project wants known of its videos, how hard its masklets must be, and on which side of the split they fall."""

import asyncio
import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import httpx

from tests.backend.tasks.crew import Crew, Person
from tests.backend.tasks.test_flow import WHOLE
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import disk

TONE = {
    "name": "skin tone",
    "scope": "video",
    "kind": "choice",
    "choices": [{"name": "1-3"}, {"name": "4-6"}],
    "required": True,
}


async def settle(person: Person, **settings: Any) -> httpx.Response:
    return await person.client.patch(f"/api/projects/{person.video.project_id}", json=settings)


async def ask_for_tone(person: Person) -> tuple[str, dict[str, str]]:
    """Require an attribute of every video. Returns its id, and the ids of its choices by name."""
    url = f"/api/projects/{person.video.project_id}/ontology"
    body = {"ontology": {"attributes": [TONE]}}
    made = (await person.client.put(url, json=body, headers={"If-Match": '"0"'})).json()["ontology"]["attributes"][0]
    return made["id"], {choice["name"]: choice["id"] for choice in made["choices"]}


def said(attribute_id: str, value: str | None, frame_index: int = 0) -> list[dict[str, Any]]:
    return [{"attribute_id": attribute_id, "frame_index": frame_index, "value": value}]


async def label(person: Person, **labels: Any) -> httpx.Response:
    """As annotators do."""
    return await person.client.put(f"/api/videos/{person.video.video_id}/labels", json=labels)


async def place(person: Person, **changes: Any) -> httpx.Response:
    """As managers do."""
    return await person.client.patch(f"/api/videos/{person.video.video_id}", json=changes)


async def test_a_video_is_not_submitted_before_what_the_project_needs_is_known(crew: Crew) -> None:
    await settle(crew.ann, needs_environment=True)
    tone, tones = await ask_for_tone(crew.ann)
    await crew.ann.next_task()
    await crew.ann.outline()
    refused = await crew.ann.say("submit")
    assert slug(refused) == (409, "labels-missing")
    assert refused.json()["missing"] == ["environment", "skin tone"]
    await label(crew.ann, environment="Indoor")
    labelled = await label(crew.ann, attributes=said(tone, tones["4-6"]))
    assert labelled.json()["attributes"] == {tone: {"0": tones["4-6"]}}
    assert (await crew.ann.say("submit")).status_code == 200


async def test_only_declared_attributes_and_values_are_taken(crew: Crew) -> None:
    tone, tones = await ask_for_tone(crew.ann)
    assert slug(await label(crew.ann, attributes=said(str(uuid4()), "old"))) == (422, "unknown-attribute")
    assert slug(await label(crew.ann, attributes=said(tone, "green"))) == (422, "unknown-attribute")
    assert slug(await label(crew.ann, attributes=said(tone, tones["1-3"], 4))) == (422, "unknown-attribute")
    await label(crew.ann, attributes=said(tone, tones["1-3"]))
    assert (await label(crew.ann, attributes=said(tone, None))).json()["attributes"] == {}


async def test_the_split_follows_from_the_source_until_somebody_sets_it(crew: Crew) -> None:
    assert slug(await settle(crew.ann, val_percent=60, test_percent=50)) == (422, "shares-too-large")
    await settle(crew.ann, test_percent=100)
    video = (await place(crew.ann, split_source="author 7")).json()
    assert (video["split"], video["split_source"], video["effective_split"]) == (None, "author 7", "test")
    assert (await place(crew.ann, split="val")).json()["effective_split"] == "val"


async def test_an_export_leaves_out_what_was_too_easy_and_says_on_which_side_a_video_is(crew: Crew) -> None:
    easy, hard = await crew.ann.outline(), await crew.ann.outline(frames=WHOLE[:2])
    assert easy != hard
    await crew.ann.draw(easy, 3, disk(60, 60, 9))  # no annotated frame: it does not count
    await settle(crew.ann, min_edited_frames=2, val_percent=100)
    report, annotation = await exported(crew.ann)
    assert report["left_out"] == {"masklets_too_easy": 1}
    assert report["num_masklets"] == 1
    assert (annotation["video_split"], annotation["masklet_edited_frame_count"]) == ("val", [2])


async def exported(person: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report of a SA-V export, and the only video's annotation in it."""
    url = f"/api/projects/{person.video.project_id}/exports"
    answer = await person.client.post(url, json={"format": "sa_v"}, headers={"Idempotency-Key": str(uuid4())})
    export = answer.json()
    while export["state"] in ("queued", "running"):
        await asyncio.sleep(0.05)
        export = (await person.client.get(f"/api/exports/{export['id']}")).json()
    assert export["state"] == "done", export
    archive = zipfile.ZipFile(io.BytesIO((await person.client.get(export["download_url"])).content))
    (name,) = [name for name in archive.namelist() if name.endswith("_manual.json")]
    return export["report"], json.loads(archive.read(name))
