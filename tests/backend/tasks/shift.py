"""Two annotators and a verifier at one video, as a seed decides: who acts together, what they try, when leases expire.

Everything a person was told is remembered, so that what the database holds in the end can be compared with it.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from backend.db.engine import Sessions
from backend.tables import Membership, Project, Task, Video
from backend.tables.states import Phase, Role, TaskKind, VideoState
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.tasks.crew import Person
from tests.backend.workplace import StoredVideo, disk
from tests.clips import FRAME_RATE, HEIGHT, WIDTH

NUM_FRAMES = 6
EXPECTED = {
    "lease-held",
    "lease-lost",
    "no-task",
    "version-conflict",
    "not-the-latest-action",
    "nothing-to-submit",
    "masklet-not-found",
    "masklet-incomplete",
    "own-work",
}
"""What may be refused when several people are at it. Anything else is a fault."""


@dataclass
class Told:
    """What the server said, over all people."""

    leases: dict[tuple[str, int], str] = field(default_factory=dict)
    """Who was given a task's epoch."""
    bases: set[tuple[str, int]] = field(default_factory=set)
    """(masklet, version) that an accepted edit was made against."""
    drawn: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    """Action -> (masklet, frame, mask) of every acknowledged drawing."""
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Shift:
    """One seed's work."""

    seed: int
    people: list[Person]  # two annotators, then the verifier
    sessions: Sessions
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    async def work(self, num_steps: int) -> None:
        for _ in range(num_steps):
            if self.chance.random() < 0.2:
                await self._time_passes()
            together = self.chance.sample(self.people, self.chance.randint(1, len(self.people)))
            await asyncio.gather(*(self._act(person, self.chance.random()) for person in together))

    async def _act(self, person: Person, pick: float) -> None:
        if person is self.people[-1]:
            await self._verify(person, pick)
        elif person.lease is None and pick < 0.6:
            self._claimed(person, await person.next_task("annotate", "refine"))
        elif pick < 0.75:
            await self._draw(person, pick)
        elif pick < 0.85:
            await self._undo(person)
        elif person.lease is not None:
            answer = await person.say("submit" if pick < 0.95 else "hand-back")
            if self._accepted(answer):
                person.lease = None

    async def _draw(self, person: Person, pick: float) -> None:
        if pick < 0.7:
            await person.changes()  # else they go by what they saw last
        masklets = sorted(person.versions)
        if not masklets or (len(masklets) < 3 and pick < 0.3):
            self._accepted(await person.try_to_create())
            return
        masklet = masklets[int(1000 * pick) % len(masklets)]
        frame, key, base = int(7000 * pick) % NUM_FRAMES, uuid4(), person.versions[masklet]
        answer = await person.draw(masklet, frame, disk(60 + 200 * pick, 100, 8), key=key, version=base)
        if self._accepted(answer):
            self._based(masklet, base)
            self.told.drawn[str(key)] = (masklet, frame, answer.json()["frame"]["mask"]["id"])

    async def _undo(self, person: Person) -> None:
        top = (await person.changes())["history"]["undo"]
        if top is not None:
            self._accepted(await person.history("undo", top["id"]))

    async def _verify(self, person: Person, pick: float) -> None:
        if person.lease is None:
            self._claimed(person, await person.next_task("verify"))
            return
        await person.changes()
        task = (await person.client.get(f"/api/tasks/{person.lease.split('/')[0]}")).json()
        masklet = task["masklet_id"]
        base = person.versions[masklet]
        verdict = ("unsatisfactory", "rejected")[pick < 0.3]
        if self._accepted(await person.verdict(masklet, verdict, version=base)):
            self._based(masklet, base)
        person.lease = None

    async def _time_passes(self) -> None:
        async with self.sessions.begin() as session:
            past = "UPDATE tasks SET lease_until = now() - interval '1 second' WHERE state = 'claimed'"
            await session.execute(text(f"{past} AND video_id = :video"), {"video": self.people[0].video.video_id})

    def _claimed(self, person: Person, answer: httpx.Response) -> None:
        if not self._accepted(answer):
            return
        task = answer.json()["task"]
        holder = self.told.leases.setdefault((task["id"], task["epoch"]), person.name)
        assert holder == person.name, f"seed {self.seed}: {holder} and {person.name} hold epoch {task['epoch']}"

    def _based(self, masklet: str, version: int) -> None:
        assert (masklet, version) not in self.told.bases, f"seed {self.seed}: two edits of version {version}"
        self.told.bases.add((masklet, version))

    def _accepted(self, answer: httpx.Response) -> bool:
        if answer.is_success:
            self.told.counts["accepted"] += 1
            return True
        slug = answer.json()["type"].rsplit(":", 1)[1]
        assert slug in EXPECTED, f"seed {self.seed}: {answer.status_code} {answer.text}"
        self.told.counts[slug] += 1
        return False


async def new_video(sessions: Sessions, user_ids: list[UUID]) -> StoredVideo:
    """A project of its own with a video to draw on; nothing asks the model, so no file lies behind it."""
    project = Project(id=uuid4(), name="Shift", phase=Phase.sam2, created_by=LOCAL_OWNER_ID)
    video = Video(
        id=uuid4(),
        project_id=project.id,
        name="clip.mp4",
        state=VideoState.ready,
        warnings=[],
        proxy_key="none",
        width=WIDTH,
        height=HEIGHT,
        num_frames=NUM_FRAMES,
        fps_num=FRAME_RATE,
        fps_den=1,
        stride=2,
        created_by=LOCAL_OWNER_ID,
    )
    async with sessions.begin() as session:
        session.add(project)
        await session.flush()
        session.add(video)
        for user_id in user_ids:
            session.add(Membership(project_id=project.id, user_id=user_id, role=Role.manager))
        await session.flush()
        session.add(Task(video_id=video.id, kind=TaskKind.annotate, phase=Phase.sam2, epoch=0))
    return StoredVideo(project.id, video.id, NUM_FRAMES)
