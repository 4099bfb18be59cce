"""A round of annotation and verification as a seed decides, with people who come and go, and what must hold after it.

Everything happens through the API, except that time passes, people are disabled and a search finds objects.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select, text, update

from backend.auth.permissions import ALLOWED
from backend.auth.problems import NotAllowed
from backend.autolabel.found_masklets import Find, keep
from backend.autolabel.schemas import AutoLabelingCreate
from backend.db.engine import Sessions
from backend.leases.queries import NEEDED, release_tasks
from backend.masklets.course import FOLLOWS
from backend.masklets.edit_rules import lock_video
from backend.masklets.run_end import end_run
from backend.tables import AutoLabeling, Masklet, Membership, Task
from backend.tables.states import Role, RunState, TaskState, VerdictKind, WorkState
from tests.backend.autolabel.found import found
from tests.backend.tasks.crew import Person
from tests.backend.tasks.history import History, history_of
from tests.backend.tasks.shift import NUM_FRAMES
from tests.backend.workplace import disk

EXPECTED = {
    "cannot-do-task",
    "lease-held",
    "lease-lost",
    "masklet-incomplete",
    "masklet-locked",
    "masklet-not-found",
    "needs-verdict",
    "no-task",
    "no-verdict",
    "not-allowed",
    "not-the-latest-action",
    "nothing-to-contest",
    "nothing-to-propagate",
    "nothing-to-submit",
    "own-work",
    "project-not-found",
    "propagation-running",
    "run-not-found",
    "task-not-found",
    "task-over",
    "task-taken",
    "unknown-user",
    "version-conflict",
    "video-not-found",
}
"""What may be refused. Anything else is a fault."""


@dataclass
class Round:
    """One seed's round at one video."""

    seed: int
    people: list[Person]
    roles: dict[UUID, Role]  # in the beginning; the database has the present ones
    sessions: Sessions
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._deck: list[str] = []
        self.tried: set[str] = set()

    async def play(self, num_steps: int) -> None:
        for _ in range(num_steps):
            at_work = [each for each in self.people if each.lease is not None]
            person = self.chance.choice(at_work if at_work and self.chance.random() < 0.6 else self.people)
            name = self._anything() if self.chance.random() < 0.35 else self._sensible(person)
            self.tried.add(name)
            before = await self._history()
            await MOVES[name](self, person)
            await self.check(f"seed {self.seed}: after {person.name} tried to {name}")
            if name in ("undo", "redo"):
                await self._check_own(person, before, f"seed {self.seed}: {name} by {person.name}")

    def _anything(self) -> str:
        """Any of the moves, and none for a second time before all others had their turn."""
        self._deck = self._deck or self.chance.sample([*MOVES], len(MOVES))
        return self._deck.pop()

    def _sensible(self, person: Person) -> str:
        """What somebody does who wants to get on."""
        if person.lease is None:
            return self.chance.choice(["claim", "claim", "claim", "draw", "judge"])
        return self.chance.choice(
            ["draw", "draw", "fill", "fill", "submit", "judge", "judge", "undo", "undo", "redo", "contest"]
        )

    # What people do.

    async def claim(self, person: Person) -> None:
        if person.lease is None:
            self._accepted(await person.next_task())

    async def claim_what_is_shown(self, person: Person) -> None:
        """What a list offers can be claimed, and nothing else."""
        tasks = await person.tasks()
        if not isinstance(tasks, list):
            return
        free = [task for task in tasks if task["state"] == "open"]
        if not free:
            return
        task = self.chance.choice(free)
        answer = await person.claim(task["id"])
        assert answer.is_success == task["claimable"], f"seed {self.seed}: {task} {answer.text}"

    async def draw(self, person: Person) -> None:
        await self._catch_up(person)
        masklets = await self._masklets()
        if not masklets or (len(masklets) < 4 and self.chance.random() < 0.3):
            self._accepted(await person.try_to_create())
        elif person.versions:
            masklet = self.chance.choice(sorted(person.versions))
            frame, tool = self.chance.randrange(0, NUM_FRAMES, 2), self.chance.choice(["brush", "brush", "absent"])
            mask = disk(0, 0, 0) if tool == "absent" else disk(self.chance.randrange(60, 200), 100, 9)
            self._accepted(await person.draw(masklet, frame, mask, tool=tool))

    async def fill(self, person: Person) -> None:
        """Draw an object on every annotated frame, so that it can be satisfactory."""
        await self._catch_up(person)
        if person.versions:
            masklet = self.chance.choice(sorted(person.versions))
            for frame in range(0, NUM_FRAMES, 2):
                self._accepted(await person.draw(masklet, frame, disk(90 + frame, 90, 9)))

    async def clear(self, person: Person) -> None:
        await self._catch_up(person)
        if person.versions:
            masklet = self.chance.choice(sorted(person.versions))
            self._accepted(await person.clear(masklet, self.chance.randrange(0, NUM_FRAMES, 2)))

    async def delete(self, person: Person) -> None:
        await self._catch_up(person)
        if person.versions and self.chance.random() < 0.5:
            self._accepted(await person.delete(self.chance.choice(sorted(person.versions))))

    async def propagate(self, person: Person) -> None:
        """Begin to propagate, and stop before the model has answered."""
        await self._catch_up(person)
        if person.versions:
            answer = await person.start_run([self.chance.choice(sorted(person.versions))], 0)
            if self._accepted(answer):
                self._accepted(await person.client.post(f"/api/runs/{answer.json()['id']}/cancel"))

    async def undo(self, person: Person) -> None:
        await self._step(person, "undo")

    async def redo(self, person: Person) -> None:
        await self._step(person, "redo")

    async def undo_anything(self, person: Person) -> None:
        """Aim at any action at all, as a message that is still on the screen would."""
        before = await self._history()
        if before.actions:
            aimed = self.chance.choice([*before.actions][-12:])
            self._accepted(await person.history("undo", str(aimed)))
            await self._check_own(person, before, f"seed {self.seed}: undo of any action by {person.name}")

    async def submit(self, person: Person) -> None:
        await self._end(person, "submit")

    async def hand_back(self, person: Person) -> None:
        await self._end(person, "hand-back")

    async def contest(self, person: Person) -> None:
        await self._end(person, "contest", reason="It is right.")

    async def reject_video(self, person: Person) -> None:
        if self.chance.random() < 0.3 and person.lease is not None:
            await self._end(person, "reject", reason="too dark")
            manager = self.people[0]  # who alone may take it back
            self._accepted(await manager.client.delete(f"/api/videos/{manager.video.video_id}/rejection"))

    async def judge(self, person: Person) -> None:
        await self._catch_up(person)
        shown = await person.client.get(f"/api/projects/{person.video.project_id}/review")
        if not shown.is_success or not shown.json():
            return
        item = self.chance.choice(shown.json())["masklet"]
        masklet = item["id"]
        person.versions.setdefault(masklet, item["version"])  # the page shows it to those who never opened the video
        kind = self.chance.choice(["satisfactory", "unsatisfactory", "unsatisfactory", "rejected"])
        self._judged(person, await person.verdict(masklet, kind))

    async def judge_anything(self, person: Person) -> None:
        await self._catch_up(person)
        if person.versions:
            masklet = self.chance.choice(sorted(person.versions))
            self._judged(person, await person.verdict(masklet, self.chance.choice(["unsatisfactory", "rejected"])))

    async def withdraw(self, person: Person) -> None:
        await self._catch_up(person)
        if person.versions:
            masklet = self.chance.choice(sorted(person.versions))
            self._accepted(await person.edit("DELETE", masklet, "verdicts/latest", None))

    async def assign(self, person: Person) -> None:
        tasks = await person.tasks()
        if isinstance(tasks, list) and tasks:
            task, other = self.chance.choice(tasks), self.chance.choice([*self.people, None])
            body = {"assignee_id": None if other is None else str(other.user_id)}
            self._accepted(await person.client.patch(f"/api/tasks/{task['id']}", json=body))

    # What happens to them.

    async def come_or_go(self, person: Person) -> None:
        """Join, leave or change role; the first manager stays."""
        if person is self.people[0]:
            return
        async with self.sessions.begin() as session:
            found = await session.get(Membership, (person.video.project_id, person.user_id))
            if found is None:
                role = self.roles[person.user_id]
                session.add(Membership(project_id=person.video.project_id, user_id=person.user_id, role=role))
            elif self.chance.random() < 0.5:
                await session.delete(found)
            else:
                found.role = self.chance.choice([Role.annotator, Role.verifier, Role.manager])
            await session.flush()
            await release_tasks(session, person.user_id)  # as everything does that takes a role away

    async def time_passes(self, _person: Person) -> None:
        past = "UPDATE tasks SET lease_until = now() - interval '1 second' WHERE state = 'claimed'"
        async with self.sessions.begin() as session:
            await session.execute(text(f"{past} AND video_id = :video"), {"video": self._video})

    async def a_day_passes(self, _person: Person) -> None:
        async with self.sessions.begin() as session:
            over = update(Task).where(Task.video_id == self._video, Task.reserved_until.is_not(None))
            await session.execute(over.values(reserved_until=text("now()")))

    async def find_objects(self, person: Person) -> None:
        """A search for automatic masklets finds one, and its propagation is stopped at once."""
        if self.chance.random() > 0.2:
            return
        mask = disk(self.chance.randrange(40, 280), self.chance.randrange(40, 200), 12)
        with suppress(NotAllowed):  # whoever may not annotate finds nothing
            async with self.sessions.begin() as session:
                about = {"video_id": self._video, "created_by": person.user_id}
                searched = AutoLabeling(id=uuid4(), options={}, steps=[], **about)
                session.add(searched)
                await session.flush()
                run = await keep(session, searched.id, Find(0, [found(mask)]), AutoLabelingCreate())
                if run is not None:
                    await end_run(session, await lock_video(session, self._video), run, RunState.cancelled)

    # What must hold.

    async def check(self, when: str) -> None:
        """Nobody's work is stuck: state, verdict and tasks agree, and for every task somebody can take it."""
        async with self.sessions.begin() as session:
            mine = select(Masklet).where(Masklet.video_id == self._video, ~Masklet.deleted)
            masklets = (await session.scalars(mine)).all()
            unfinished = select(Task).where(Task.video_id == self._video, Task.state != TaskState.done)
            tasks = (await session.scalars(unfinished)).all()
            members = (await session.scalars(select(Membership).where(Membership.project_id == self._project))).all()
        for masklet in masklets:
            own = [task.kind for task in tasks if task.masklet_id == masklet.id]
            if masklet.work is WorkState.annotating:
                assert not own, when
                assert any(task.masklet_id is None for task in tasks), f"{when}: {masklet.name} is stuck"
            else:
                assert own == [*FOLLOWS[masklet.work]], f"{when}: {masklet.name} {masklet.work} {own}"
            assert masklet.verdict in _VERDICTS[masklet.work], f"{when}: {masklet.name} {masklet.verdict}"
        if self.chance.random() < 0.3:  # it takes a request for everybody
            await self._check_claims(when, tasks, masklets, members)

    async def _check_claims(
        self, when: str, tasks: Sequence[Task], masklets: Sequence[Masklet], members: Sequence[Membership]
    ) -> None:
        present = {masklet.id for masklet in masklets}
        shown: dict[str, int] = {}
        for person in self.people:
            listed = await person.tasks()
            if not isinstance(listed, list):
                continue
            offered = [task for task in listed if task["claimable"]]
            held = [
                task for task in listed if task["state"] == "claimed" and task["assignee_id"] == str(person.user_id)
            ]
            for task in (*offered, *held):
                shown[task["id"]] = shown.get(task["id"], 0) + 1
            queue = (await person.client.get(f"/api/projects/{self._project}/review")).json()
            to_verify = {task["masklet_id"] for task in (*offered, *held) if task["kind"] == "verify"}
            assert {item["masklet"]["id"] for item in queue} == to_verify, f"{when}: {person.name}'s review"
        for task in tasks:
            if task.masklet_id is not None and task.masklet_id not in present:
                continue
            able = [member for member in members if NEEDED[task.kind] in ALLOWED[member.role]]
            assert str(task.id) in shown or not able, f"{when}: nobody can take the {task.kind} task"

    async def _check_own(self, person: Person, before: History, when: str) -> None:
        after = await self._history()
        for action_id, (actor_id, undone, order) in after.actions.items():
            if action_id in before.actions and before.actions[action_id][1] != undone:
                assert actor_id == person.user_id, f"{when}: it was somebody else's"
                assert order > before.sealed.get(action_id, 0), f"{when}: it was submitted or judged"
        redone = [id for id in before.actions if before.actions[id][1] and not after.actions[id][1]]
        for frame, (mask_id, maker) in before.frames.items():
            over = {before.found.get((action_id, *frame)) for action_id in redone}  # drawn over knowingly
            if maker != person.user_id and mask_id not in over:
                assert after.frames.get(frame, (None, None))[0] == mask_id, f"{when}: {frame} lost another's mask"

    # Helpers.

    @property
    def _video(self) -> UUID:
        return self.people[0].video.video_id

    @property
    def _project(self) -> UUID:
        return self.people[0].video.project_id

    async def _masklets(self) -> list[UUID]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Masklet.id).where(Masklet.video_id == self._video)))

    async def _history(self) -> History:
        async with self.sessions.begin() as session:
            return await history_of(session, self._video)

    async def _catch_up(self, person: Person) -> None:
        if self.chance.random() < 0.85:  # else they go by what they saw last
            answer = await person.client.get(f"/api/videos/{self._video}/changes", params={"after": 0})
            if answer.is_success:
                person.versions.clear()
                person.versions.update(
                    {each["id"]: each["version"] for each in answer.json()["masklets"] if not each["deleted"]}
                )

    async def _step(self, person: Person, which: str) -> None:
        answer = await person.client.get(f"/api/videos/{self._video}/changes", params={"after": 0})
        top = answer.json()["history"][which] if answer.is_success else None
        if top is not None:
            self._accepted(await person.history(which, top["id"]))

    async def _end(self, person: Person, verb: str, **body: Any) -> None:
        if person.lease is not None and (self._accepted(await person.say(verb, **body)) or self.chance.random() < 0.3):
            person.lease = None

    def _judged(self, person: Person, answer: httpx.Response) -> None:
        if self._accepted(answer):
            person.lease = None

    def _accepted(self, answer: httpx.Response) -> bool:
        if answer.is_success:
            self.counts["accepted"] += 1
            return True
        slug = answer.json()["type"].rsplit(":", 1)[1]
        assert slug in EXPECTED, f"seed {self.seed}: {answer.request.url} {answer.status_code} {answer.text}"
        self.counts[slug] += 1
        return False


_VERDICTS: dict[WorkState, set[VerdictKind | None]] = {
    WorkState.annotating: {None},
    WorkState.verifying: {None},
    WorkState.refining: {VerdictKind.unsatisfactory, None},
    WorkState.settled: {VerdictKind.satisfactory, VerdictKind.rejected},
}


MOVES: dict[str, Callable[[Round, Person], Awaitable[None]]] = {
    "claim": Round.claim,
    "claim what is shown": Round.claim_what_is_shown,
    "draw": Round.draw,
    "fill": Round.fill,
    "clear": Round.clear,
    "delete": Round.delete,
    "propagate": Round.propagate,
    "undo": Round.undo,
    "redo": Round.redo,
    "undo anything": Round.undo_anything,
    "submit": Round.submit,
    "hand back": Round.hand_back,
    "contest": Round.contest,
    "reject video": Round.reject_video,
    "judge": Round.judge,
    "judge anything": Round.judge_anything,
    "withdraw": Round.withdraw,
    "assign": Round.assign,
    "come or go": Round.come_or_go,
    "time passes": Round.time_passes,
    "a day passes": Round.a_day_passes,
    "find objects": Round.find_objects,
}
