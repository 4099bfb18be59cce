"""Making, naming and deleting masklets."""

from uuid import uuid4

from sqlalchemy import select

from backend.db.engine import Sessions
from backend.tables import Task
from backend.tables.states import TaskKind
from tests.backend.workplace import Annotator


async def test_masklets_are_numbered_from_one_and_a_number_is_never_used_again(annotator: Annotator) -> None:
    first = await annotator.create_masklet()
    await annotator.delete(first)
    await annotator.create_masklet(name="Cup")
    found = (await annotator.changes())["masklets"]
    assert [(m["number"], m["name"], m["color_index"], m["deleted"]) for m in found] == [
        (1, "Object 1", 0, True),
        (2, "Cup", 1, False),
    ]


async def test_creating_again_with_the_same_key_gives_the_same_masklet(annotator: Annotator) -> None:
    key = uuid4()
    assert await annotator.create_masklet(key=key) == await annotator.create_masklet(key=key)
    assert len((await annotator.changes())["masklets"]) == 1


async def test_a_rename_moves_the_version_but_is_no_step_of_the_history(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    top = (await annotator.changes())["history"]["undo"]
    answer = await annotator.edit("PATCH", masklet, "", {"name": " Red cup "})
    assert (answer.json()["name"], answer.json()["version"]) == ("Red cup", 2)
    assert (await annotator.changes())["history"]["undo"] == top


async def test_a_stale_rename_is_refused(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.edit("PATCH", masklet, "", {"name": "Cup"})
    answer = await annotator.edit("PATCH", masklet, "", {"name": "Dog"}, version=1)
    assert (answer.status_code, answer.json()["version"]) == (412, 2)


async def test_a_rename_that_is_sent_again_is_done_once(annotator: Annotator) -> None:
    masklet, key = await annotator.create_masklet(), uuid4()
    first = await annotator.edit("PATCH", masklet, "", {"name": "Cup"}, key=key, version=1)
    again = await annotator.edit("PATCH", masklet, "", {"name": "Cup"}, key=key, version=1)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await annotator.edit("PATCH", masklet, "", {"name": "Dog"}, key=key, version=2)
    assert (other.status_code, other.json()["type"]) == (409, "urn:maskloom:problem:idempotency-key-reused")


async def test_a_deleted_masklet_cannot_be_edited(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    key, version = uuid4(), annotator.versions[masklet]
    assert (await annotator.delete(masklet, key=key)).status_code == 200
    assert (await annotator.delete(masklet, key=key, version=version)).status_code == 200  # the same request again
    answer = await annotator.edit("PATCH", masklet, "", {"name": "Dog"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:maskloom:problem:masklet-not-found")


async def test_the_first_masklet_of_a_video_opens_its_annotation_task(annotator: Annotator, sessions: Sessions) -> None:
    await annotator.create_masklet()
    await annotator.create_masklet()
    async with sessions.begin() as session:
        found = (await session.scalars(select(Task))).all()
    assert [(task.kind, task.video_id, task.masklet_id) for task in found] == [
        (TaskKind.annotate, annotator.video.video_id, None)
    ]
