"""An import is written for whoever asked for it, and not once they may not have it written any more."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import Masklet, Membership, User
from backend.tables.states import Role
from tests.backend.accounts import add_member, add_person, browser, signed_in_secret
from tests.backend.imports.importing import previewed, started, until
from tests.backend.imports.test_imports import vis
from tests.backend.running import running_backend
from tests.backend.workplace import WAIT_SECONDS, StoredVideo, disk


async def leave(sessions: Sessions, how: str, project_id: UUID, user_id: UUID) -> None:
    mine = (Membership.project_id == project_id) & (Membership.user_id == user_id)
    statements: dict[str, Any] = {
        "removed": delete(Membership).where(mine),
        "demoted": update(Membership).where(mine).values(role=Role.verifier),
        "disabled": update(User).where(User.id == user_id).values(disabled=True),
    }
    async with sessions.begin() as session:
        await session.execute(statements[how])


async def test_nothing_is_written_for_somebody_who_was_removed_demoted_or_disabled_meanwhile(
    work_settings: Settings, stored_video: StoredVideo, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id = stored_video.project_id
    written, decided = asyncio.Event(), asyncio.Event()

    async def wait(_self: Any, _video: str) -> None:
        """Its objects are in the transaction by now."""
        written.set()
        await asyncio.wait_for(decided.wait(), WAIT_SECONDS)

    async with running_backend(work_settings.model_copy(update={"sign_in": "accounts"})) as site:
        stays = await add_person(sessions, "stays")
        await add_member(sessions, project_id, stays, Role.manager)
        async with browser(site, await signed_in_secret(sessions, stays)) as other:
            found = await previewed(other, project_id, vis({0: disk(50, 50, 9)}), name="a.json")
            for how in ("removed", "demoted", "disabled"):
                leaver = await add_person(sessions, how)
                await add_member(sessions, project_id, leaver, Role.manager)
                written.clear()
                decided.clear()
                with monkeypatch.context() as patch:
                    patch.setattr("backend.imports.job._ObjectCount.step", wait)
                    async with browser(site, await signed_in_secret(sessions, leaver)) as own:
                        answer = await own.post(f"/api/imports/{found['id']}/start", json={})
                    assert answer.status_code == 202, answer.text
                    await asyncio.wait_for(written.wait(), WAIT_SECONDS)
                    await leave(sessions, how, project_id, leaver)
                    decided.set()
                    ended = await until(other, found["id"], "ready", "done")
                assert (ended["state"], ended["problem"]["type"]) == ("ready", "urn:maskloom:problem:not-allowed"), how
                assert ended["problem"]["detail"].startswith(f"{how.title()}, who asked for this, may no longer manage")
            async with sessions.begin() as session:
                assert await session.scalar(select(func.count()).select_from(Masklet)) == 0
            assert (await started(other, found["id"]))["num_made"] == 1, "somebody else may still import it"
