"""The review queue stays sorted by risk whatever happens to its masklets, and a page costs no more in a long one."""

import random
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from backend.db.engine import Sessions
from backend.review import queries
from backend.review.queries import Quality
from backend.review.risk import risk
from backend.tables import Masklet, ReviewRank, Task, Video
from backend.tables.states import TaskKind, TaskState
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.plans import rows_examined
from tests.backend.review.long_queue import know_sizes, make_long_queue
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, click, disk


async def read_queue(annotator: Annotator, *, limit: int = 100) -> list[dict[str, Any]]:
    """All pages of it."""
    path: str | None = f"/api/projects/{annotator.video.project_id}/review?limit={limit}"
    items: list[dict[str, Any]] = []
    while path is not None:
        answer = await annotator.client.get(path)
        assert answer.status_code == 200, answer.text
        items += answer.json()
        path = answer.links["next"]["url"] if "next" in answer.links else None
    return items


async def by_definition(sessions: Sessions, project_id: UUID) -> list[tuple[str, float]]:
    """(masklet, risk) of every unfinished verify task, worked out from the masks and sorted here: riskiest first."""
    async with sessions.begin() as session:
        found = await session.execute(
            select(Masklet, Video)
            .join(Task, Task.masklet_id == Masklet.id)
            .join(Video, Video.id == Masklet.video_id)
            .where(Video.project_id == project_id, Task.kind == TaskKind.verify, Task.state != TaskState.done)
            .where(~Masklet.deleted, Video.rejected_reason.is_(None))
        )
        rows = [(masklet, video) for masklet, video in found]
        quality = await queries.quality_of(session, [masklet.id for masklet, _ in rows])
    places: list[tuple[float, str, int, UUID]] = []
    for masklet, video in rows:
        num_frames = -(-(video.num_frames or 0) // video.stride)
        known = quality.get(masklet.id, Quality.of_nothing(masklet.id))
        places.append((-risk(known, num_frames=num_frames), video.name, masklet.number, masklet.id))
    return [(str(masklet_id), -negative) for negative, _name, _number, masklet_id in sorted(places)]


async def assert_sorted(annotator: Annotator, sessions: Sessions, when: str) -> None:
    for limit in (100, 2):
        items = await read_queue(annotator, limit=limit)
        told = [(item["masklet"]["id"], item["risk"]) for item in items]
        assert told == await by_definition(sessions, annotator.video.project_id), when


async def test_the_queue_is_sorted_by_the_masks_as_they_are(annotator: Annotator, sessions: Sessions) -> None:
    """Whatever changes them: drawings, prompts, propagation, clearing, undo, redo, and edits of a waiting object."""
    masklets = [await annotator.create_masklet() for _ in range(4)]
    for number, masklet in enumerate(masklets):
        await annotator.draw(masklet, 4 * number, disk(60 + 20 * number, 100, 20))
    await annotator.propagate(masklets[:2], 0)
    assert (await annotator.submit()).status_code == 200
    await assert_sorted(annotator, sessions, "submitted")
    first, second, third, fourth = masklets
    await annotator.draw(first, 8, disk(90, 90, 25))
    await assert_sorted(annotator, sessions, "drawn")
    await annotator.prompt(third, 12, click(70, 140))
    await assert_sorted(annotator, sessions, "prompted")
    await annotator.propagate([third, fourth], 12)
    await assert_sorted(annotator, sessions, "propagated")
    await annotator.edit("DELETE", second, "frames/4", None)
    await assert_sorted(annotator, sessions, "cleared")
    for step in ("undo", "undo", "redo"):
        top = (await annotator.changes())["history"][step]
        assert (await annotator.history(step, top["id"])).status_code == 200
        await assert_sorted(annotator, sessions, step)
    await annotator.changes()
    assert (await annotator.verdict(first, "rejected")).status_code == 201
    await assert_sorted(annotator, sessions, "judged")
    await annotator.edit("DELETE", first, "verdicts/latest", None)
    await assert_sorted(annotator, sessions, "withdrawn")
    await annotator.edit("DELETE", fourth, "", None)
    await assert_sorted(annotator, sessions, "deleted")
    await annotator.client.patch(f"/api/videos/{annotator.video.video_id}", json={"name": "another.mp4"})
    await assert_sorted(annotator, sessions, "renamed")


async def test_ranks_are_those_of_unfinished_verify_tasks(annotator: Annotator, sessions: Sessions) -> None:
    masklets = [await annotator.create_masklet() for _ in range(3)]
    for masklet in masklets:
        await annotator.draw(masklet, 0, disk(100, 100, 20))
    assert await ranked(sessions) == set()
    await annotator.submit()
    assert await ranked(sessions) == set(masklets)
    await annotator.changes()
    await annotator.verdict(masklets[0], "rejected")
    await annotator.verdict(masklets[1], "unsatisfactory")
    assert await ranked(sessions) == {masklets[2]}
    await annotator.edit("DELETE", masklets[0], "verdicts/latest", None)
    assert await ranked(sessions) == {masklets[0], masklets[2]}


async def ranked(sessions: Sessions) -> set[str]:
    async with sessions.begin() as session:
        return {str(each) for each in await session.scalars(select(ReviewRank.masklet_id))}


async def test_equal_risks_are_sorted_by_video_number_and_id(workplace: RunningBackend, sessions: Sessions) -> None:
    """Names as Python sorts them, not as the database's language does."""
    project_id = await make_long_queue(sessions, 60, person_id=LOCAL_OWNER_ID)
    odd = ["a", "B", "ä", "Z", "10", "9", "", "aa", "a b", "日本", "😀"]
    async with sessions.begin() as session:
        await session.execute(text("UPDATE frame_states SET mask_id = NULL"))
        for video in await session.scalars(select(Video).where(Video.project_id == project_id)):
            video.name = random.Random(video.id.int).choice(odd)
    items: list[Any] = []
    path: str | None = f"/api/projects/{project_id}/review?limit=7"
    while path is not None:
        answer = await workplace.client.get(path)
        items += answer.json()
        path = answer.links["next"]["url"] if "next" in answer.links else None
    told = [item["masklet"]["id"] for item in items]
    assert len(told) == 60
    assert told == [masklet for masklet, _risk in await by_definition(sessions, project_id)]


async def test_a_page_of_a_long_queue_reads_no_more_rows_than_one_of_a_short_queue(
    workplace: RunningBackend, sessions: Sessions
) -> None:
    projects = [await make_long_queue(sessions, number, person_id=LOCAL_OWNER_ID) for number in (300, 3000)]
    await know_sizes(sessions)
    pages: list[dict[str, int]] = []
    for project_id in projects:
        first = await workplace.client.get(f"/api/projects/{project_id}/review?limit=20")  # works out all ranks
        path = first.links["next"]["url"]
        pages.append(dict(await rows_examined(sessions, lambda path=path: workplace.client.get(path))))
    short, long = pages
    assert sum(long.values()) <= 1.5 * sum(short.values()), (short, long)


async def test_the_propagations_of_other_videos_are_not_looked_through(
    workplace: RunningBackend, sessions: Sessions
) -> None:
    """Whether a verify task is somebody's own work depends on the runs of its video alone."""
    project_id = await make_long_queue(sessions, 20, person_id=LOCAL_OWNER_ID)
    await separate(sessions, project_id)
    paths = [f"/api/projects/{project_id}/{queue}?limit=20" for queue in ("review", "tasks")]
    alone = await runs_examined(workplace, sessions, paths)
    await make_long_queue(sessions, 400, person_id=LOCAL_OWNER_ID)
    assert await runs_examined(workplace, sessions, paths) == alone


async def separate(sessions: Sessions, project_id: UUID) -> None:
    """Let nobody verify their own work, and let somebody else be there who could."""
    async with sessions.begin() as session:
        project = {"project": project_id}
        await session.execute(text("UPDATE projects SET separate_verifiers = true WHERE id = :project"), project)
        await session.execute(
            text(
                """WITH person AS (INSERT INTO users (id, name) VALUES (gen_random_uuid(), 'Vera') RETURNING id)
                   INSERT INTO memberships (project_id, user_id, role) SELECT :project, id, 'verifier' FROM person"""
            ),
            project,
        )


async def runs_examined(workplace: RunningBackend, sessions: Sessions, paths: list[str]) -> list[int]:
    """By path: how many rows of `runs` its queries read."""
    await know_sizes(sessions)
    numbers: list[int] = []
    for path in paths:
        await workplace.client.get(path)
        numbers.append((await rows_examined(sessions, lambda path=path: workplace.client.get(path)))["runs"])
    return numbers
