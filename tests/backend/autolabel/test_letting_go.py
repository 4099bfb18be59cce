"""A search that ends before its time lets go of what it was carrying, and of nothing that is a person's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from backend.auth.problems import NotAllowed
from backend.autolabel.found_masklets import Find, keep, let_go
from backend.autolabel.schemas import AutoLabelingCreate
from backend.db.engine import Sessions
from backend.masklets.edit_rules import Request, lock_video, record_action
from backend.masklets.headers import Author
from backend.tables import AutoLabeling, Masklet, Membership, Task
from backend.tables.states import ActionKind, Phase, Role, RunState, TaskKind, TaskState
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.accounts import add_member, add_person
from tests.backend.autolabel.found import found
from tests.backend.workplace import StoredVideo, disk


async def test_a_search_ends_while_somebody_works_in_the_video_and_leaves_them_their_work(
    sessions: Sessions, stored_video: StoredVideo
) -> None:
    ann = await add_person(sessions, "ann")
    held = {"state": TaskState.claimed, "assignee_id": ann, "lease_until": func.now() + timedelta(hours=1)}
    async with sessions.begin() as session:
        video_id = stored_video.video_id
        session.add(Task(video_id=video_id, kind=TaskKind.annotate, phase=Phase.sam2, epoch=1, **held))
        search = AutoLabeling(id=uuid4(), video_id=video_id, options={}, steps=[], created_by=LOCAL_OWNER_ID)
        session.add(search)
        await session.flush()
        run = await keep(
            session, search.id, Find(0, [found(disk(60, 100, 12)), found(disk(200, 100, 12))]), AutoLabelingCreate()
        )
        assert run is not None
        taken_up, other = run.masklet_ids
        drawn = Request(ActionKind.edit_mask, taken_up, {}, 5)
        await record_action(
            session, await lock_video(session, video_id), Author(uuid4(), ann), drawn, masklet_id=taken_up
        )
        assert await let_go(session, search.id) == 1
        await session.flush()
        assert run.state is RunState.cancelled
        deleted = {each: (await session.get_one(Masklet, each)).deleted for each in (taken_up, other)}
        assert deleted == {taken_up: False, other: True}


async def test_a_search_makes_nothing_for_somebody_who_may_not_annotate_any_more(
    sessions: Sessions, stored_video: StoredVideo
) -> None:
    ann = await add_person(sessions, "ann")
    await add_member(sessions, stored_video.project_id, ann, Role.viewer)
    async with sessions.begin() as session:
        search = AutoLabeling(id=uuid4(), video_id=stored_video.video_id, options={}, steps=[], created_by=ann)
        session.add(search)
        await session.flush()
        with pytest.raises(NotAllowed, match="Ann, who asked for this, may no longer annotate here"):
            await keep(session, search.id, Find(0, [found(disk(60, 100, 12))]), AutoLabelingCreate())
        assert await session.scalar(select(func.count()).select_from(Masklet)) == 0
        await session.execute(update(Membership).values(role=Role.annotator))
        assert await keep(session, search.id, Find(0, [found(disk(60, 100, 12))]), AutoLabelingCreate()) is not None
