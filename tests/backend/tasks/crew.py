"""Several people at one backend, each as their own browser speaks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from backend.db.engine import Sessions
from backend.tables.states import Role
from tests.backend.accounts import add_member, add_person, program, token_of
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, StoredVideo, disk


@dataclass
class Person(Annotator):
    """A person who claims tasks and works on what they claimed."""

    user_id: UUID = field(default_factory=uuid4)
    name: str = ""

    async def next_task(self, *kinds: str) -> httpx.Response:
        """Claim, and work under the lease from then on."""
        url = f"/api/projects/{self.video.project_id}/tasks/next"
        return self._hold(await self.client.post(url, json={"kinds": kinds}))

    async def claim(self, task_id: str) -> httpx.Response:
        return self._hold(await self.client.post(f"/api/tasks/{task_id}/claim"))

    async def say(self, verb: str, *, key: UUID | None = None, **body: Any) -> httpx.Response:
        """renew, submit, hand-back or reject what they hold."""
        assert self.lease is not None
        task_id, epoch = self.lease.split("/")
        headers = {} if key is None else {"Idempotency-Key": str(key)}
        body |= {"epoch": int(epoch)}
        return await self.client.post(f"/api/tasks/{task_id}/{verb}", json=body, headers=headers)

    async def tasks(self) -> list[dict[str, Any]]:
        return (await self.client.get(f"/api/projects/{self.video.project_id}/tasks")).json()

    async def lease_of_video(self) -> dict[str, Any]:
        return (await self.client.get(f"/api/videos/{self.video.video_id}/lease")).json()

    async def outline(self, *, frames: range | None = None) -> str:
        """A masklet drawn by hand, on every frame of a range."""
        masklet = await self.create_masklet()
        for frame in frames or range(1):
            assert (await self.draw(masklet, frame, disk(100 + frame, 100, 20))).status_code == 200
        return masklet

    def _hold(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            self.lease = answer.json()["lease"]
        return answer


@dataclass(frozen=True)
class Crew:
    """Everybody by name."""

    ann: Person
    ben: Person
    vera: Person


@asynccontextmanager
async def crew_at(running: RunningBackend, sessions: Sessions, video: StoredVideo) -> AsyncIterator[Crew]:
    """Everybody may do everything, so that nothing but the tasks keeps them apart."""
    people = [await person_at(running, sessions, video, name, Role.manager) for name in ("ann", "ben", "vera")]
    try:
        yield Crew(*people)
    finally:
        for person in people:
            await person.client.aclose()


async def person_at(running: RunningBackend, sessions: Sessions, video: StoredVideo, login: str, role: Role) -> Person:
    """Close their client in the end."""
    user_id = await add_person(sessions, login)
    await add_member(sessions, video.project_id, user_id, role)
    actions = ("view", "annotate", "verify", "export", "manage")
    client = program(running, await token_of(sessions, user_id, *actions))
    return Person(client, video, user_id=user_id, name=login.title())
