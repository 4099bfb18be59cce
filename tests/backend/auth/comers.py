"""People who come and go, as a seed decides, with everything they hold, and what the rules say of each of it."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from backend.auth.permissions import ALLOWED, Permission
from backend.db.engine import Sessions
from backend.tables import Task
from backend.tables.states import Phase, Role, TaskKind
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret
from tests.backend.running import RunningBackend
from tests.backend.workplace import StoredVideo

WITHIN = 5.0
"""Seconds after which nothing of somebody who left may work."""


@dataclass
class Token:
    client: httpx.AsyncClient
    scope: set[Permission]
    of_project: bool


@dataclass
class Upload:
    """A file whose last byte is held back."""

    size: int = 40
    finish: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Task[httpx.Response] | None = None

    async def bytes(self) -> AsyncIterator[bytes]:
        yield b"x" * (self.size - 1)
        await self.finish.wait()
        yield b"x"


@dataclass
class Comer:
    """One person: what they are, by the test's own book, and what they hold."""

    name: str
    user_id: UUID
    role: Role | None
    disabled: bool = False
    browsers: list[httpx.AsyncClient] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    streams: list[asyncio.Task[None]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    leases: list[tuple[str, int, TaskKind]] = field(default_factory=list)

    def may(self, permission: Permission) -> bool:
        return not self.disabled and self.role is not None and permission in ALLOWED[self.role]

    def may_do(self, kind: TaskKind) -> bool:
        return self.may(Permission.verify if kind is TaskKind.verify else Permission.annotate)


@dataclass
class Void:
    """What was taken from somebody, which no later change gives back."""

    links: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)


class Walk:
    """Comings and goings in one project; `root` administrates the site and is no member."""

    def __init__(self, site: RunningBackend, sessions: Sessions, stored: StoredVideo, seed: int) -> None:
        self.site, self.sessions, self.stored, self.seed = site, sessions, stored, seed
        self.chance = random.Random(seed)
        self.people: list[Comer] = []
        self.void = Void()
        self.counts: Counter[str] = Counter()
        self._root: httpx.AsyncClient | None = None

    @property
    def project(self) -> str:
        return f"/api/projects/{self.stored.project_id}"

    async def begin(self) -> None:
        root = await add_person(self.sessions, f"root-{uuid4().hex[:6]}", is_admin=True)
        self._root = browser(self.site, await signed_in_secret(self.sessions, root))
        for role in (Role.manager, Role.manager, Role.annotator, Role.verifier, Role.viewer):
            await self._come(role)

    async def end(self) -> None:
        """Let every upload finish: those of managers are accepted, all others refused."""
        for each in self.people:
            for upload in each.uploads:
                await self._check_upload(each, upload)
            for stream in each.streams:
                stream.cancel()
        for each in self.people:
            for client in [*each.browsers, *(token.client for token in each.tokens)]:
                await client.aclose()
        for token in self.void.tokens:
            await token.client.aclose()
        if self._root is not None:
            await self._root.aclose()

    async def step(self) -> None:
        take = [self._sign_in, self._make_token, self._make_link, self._listen, self._upload, self._claim]
        change = [self._promote, self._demote, self._remove, self._disable, self._return]
        person = self.chance.choice(self.people)
        if self.chance.random() < 0.7:
            await self.chance.choice(take)(person)
        else:
            await self.chance.choice(change)(person)
            await self._settle(person)
            await self.check()

    async def check(self) -> None:
        """Everything anybody holds works exactly as far as their rights go, and what is void stays void."""
        for each in self.people:
            await self._check_person(each)
        for secret in self.void.links:
            self._expect(await self._read_link(secret) == 410, "a void link came back")
        for token in self.void.tokens:
            self._expect((await token.client.get("/api/me")).status_code == 401, "a void token came back")

    async def _come(self, role: Role) -> None:
        name = f"{role}-{uuid4().hex[:6]}"
        user_id = await add_person(self.sessions, name)
        await add_member(self.sessions, self.stored.project_id, user_id, role)
        person = Comer(name, user_id, role)
        person.browsers.append(browser(self.site, await signed_in_secret(self.sessions, user_id)))
        self.people.append(person)

    async def _sign_in(self, person: Comer) -> None:
        if not person.disabled and len(person.browsers) < 3:
            secret = await signed_in_secret(self.sessions, person.user_id)
            person.browsers.append(browser(self.site, secret))

    async def _make_token(self, person: Comer) -> None:
        if person.disabled or not person.browsers or person.role is None or len(person.tokens) > 3:
            return
        scope = {Permission.view, *self.chance.sample(sorted(ALLOWED[person.role]), 1)}
        of_project = self.chance.random() < 0.6
        body = {"name": "t", "scope": sorted(scope), "project_id": str(self.stored.project_id) if of_project else None}
        made = await person.browsers[0].post("/api/me/tokens", json=body)
        self._expect(made.status_code == 201, made.text)
        person.tokens.append(Token(program(self.site, made.json()["secret"]), scope, of_project))

    async def _make_link(self, person: Comer) -> None:
        if person.may(Permission.manage):
            made = await person.browsers[0].post(f"{self.project}/invitations", json={"role": "manager"})
            self._expect(made.status_code == 201, made.text)
            person.links.append(made.json()["path"].partition("#")[2])

    async def _listen(self, person: Comer) -> None:
        if person.may(Permission.view) and len(person.streams) < 2:
            listening, begun = self.chance.choice(person.browsers), asyncio.Event()

            async def read() -> None:
                async with listening.stream("GET", f"/api/videos/{self.stored.video_id}/events") as stream:
                    async for _ in stream.aiter_raw():
                        begun.set()

            person.streams.append(asyncio.create_task(read()))
            await asyncio.wait_for(begun.wait(), WITHIN)

    async def _upload(self, person: Comer) -> None:
        if person.may(Permission.manage) and len(person.uploads) < 2:
            upload = Upload()
            sending = person.browsers[0].post(
                f"{self.project}/videos?filename=a.mp4",
                content=upload.bytes(),
                headers={"Content-Length": str(upload.size)},
            )
            upload.answer = asyncio.create_task(sending)
            await asyncio.sleep(0.05)
            person.uploads.append(upload)

    async def _claim(self, person: Comer) -> None:
        kind = self.chance.choice([TaskKind.annotate, TaskKind.verify])
        if not person.may_do(kind) or len(person.leases) > 2:
            return
        async with self.sessions.begin() as session:
            task = Task(id=uuid4(), video_id=self.stored.video_id, kind=kind, phase=Phase.sam2)
            session.add(task)
        answer = await person.browsers[0].post(f"/api/tasks/{task.id}/claim")
        self._expect(answer.status_code == 200, answer.text)
        person.leases.append((str(task.id), answer.json()["task"]["epoch"], kind))

    async def _promote(self, person: Comer) -> None:
        await self._set_role(person, Role.manager)

    async def _demote(self, person: Comer) -> None:
        await self._set_role(person, self.chance.choice([Role.annotator, Role.verifier, Role.viewer]))

    async def _set_role(self, person: Comer, role: Role) -> None:
        if person.role is not None and not self._is_last_manager(person):
            await self._ask("PUT", f"{self.project}/members/{person.user_id}", {"role": role})
            person.role = role

    async def _remove(self, person: Comer) -> None:
        if person.role is not None and not self._is_last_manager(person):
            await self._ask("DELETE", f"{self.project}/members/{person.user_id}")
            person.role = None

    async def _disable(self, person: Comer) -> None:
        if not self._is_last_manager(person):
            await self._ask("PATCH", f"/api/users/{person.user_id}", {"disabled": True})
            person.disabled = True

    async def _return(self, person: Comer) -> None:
        if person.disabled:
            await self._ask("PATCH", f"/api/users/{person.user_id}", {"disabled": False})
            person.disabled = False
        elif person.role is None:
            role = self.chance.choice(list(Role))
            await self._ask("PUT", f"{self.project}/members/{person.user_id}", {"role": role})
            person.role = role

    def _is_last_manager(self, person: Comer) -> bool:
        return [each for each in self.people if each.may(Permission.manage)] == [person]

    async def _ask(self, method: str, path: str, body: object = None) -> None:
        assert self._root is not None
        answer = await self._root.request(method, path, **({} if body is None else {"json": body}))
        self._expect(answer.is_success, answer.text)

    async def _settle(self, person: Comer) -> None:
        """Enter in the book what the change took from the person; what must end has five seconds to do so."""
        if not person.may(Permission.manage):
            self.void.links += person.links
            person.links = []
        kept: list[Token] = []
        for token in person.tokens:
            if person.disabled:
                token.scope = set()
            elif token.of_project:
                token.scope &= set(ALLOWED[person.role]) if person.role else set()
            (kept if token.scope else self.void.tokens).append(token)
        person.tokens = kept
        if person.disabled:
            for client in person.browsers:
                self._expect((await client.get("/api/me")).status_code == 401, "a disabled person is signed in")
                await client.aclose() if not person.uploads else None
            person.browsers = []
        if not person.may(Permission.view):
            until = time.monotonic() + WITHIN
            for stream in person.streams:
                await asyncio.wait([stream], timeout=max(0.0, until - time.monotonic()))
                self._expect(stream.done(), "a stream goes on")
                self.counts["streams ended"] += 1
            person.streams = []
        if not person.may(Permission.manage):
            for upload in person.uploads:
                await self._check_upload(person, upload)
            person.uploads = []
        await self._check_released(person)
        if not person.disabled and not person.browsers:
            await self._sign_in(person)

    async def _check_released(self, person: Comer) -> None:
        lost = [lease for lease in person.leases if not person.may_do(lease[2])]
        person.leases = [lease for lease in person.leases if person.may_do(lease[2])]
        for task_id, _epoch, kind in lost:
            heir = next((each for each in self.people if each.may_do(kind) and each.browsers), None)
            if heir is None:
                continue
            taken = await heir.browsers[0].post(f"/api/tasks/{task_id}/claim")
            self._expect(taken.status_code == 200, f"nobody can take up the task: {taken.text}")
            heir.leases.append((task_id, taken.json()["task"]["epoch"], kind))
            self.counts["tasks taken up"] += 1

    async def _check_upload(self, person: Comer, upload: Upload) -> None:
        assert upload.answer is not None
        upload.finish.set()
        answer = await asyncio.wait_for(upload.answer, 30)
        accepted = person.may(Permission.manage)
        self._expect(answer.status_code == 202 if accepted else answer.status_code in (401, 403, 404), answer.text)
        self.counts["uploads accepted" if accepted else "uploads refused"] += 1

    async def _check_person(self, person: Comer) -> None:
        for client in person.browsers:
            await self._check_client(client, set(Permission) if person.role else set(), person)
        for token in person.tokens:
            await self._check_client(token.client, token.scope, person)
        for secret in person.links:
            self._expect(await self._read_link(secret) == 200, "a link of somebody who stayed ended")
        for stream in person.streams:
            self._expect(not stream.done(), "a stream of somebody who stayed ended")
        for task_id, epoch, _kind in person.leases:
            renewed = await person.browsers[0].post(f"/api/tasks/{task_id}/renew", json={"epoch": epoch})
            self._expect(renewed.status_code == 200, f"a lease of somebody who stayed ended: {renewed.text}")

    async def _check_client(self, client: httpx.AsyncClient, scope: set[Permission], person: Comer) -> None:
        seen = await client.get(self.project)
        self._expect((seen.status_code == 200) == (person.may(Permission.view) and Permission.view in scope), seen.text)
        changed = await client.patch(self.project, json={"name": "P"})
        may = person.may(Permission.manage) and Permission.manage in scope
        self._expect((changed.status_code == 200) == may, f"{person.role} {scope} {changed.status_code} {changed.text}")
        self.counts["allowed" if may else "refused"] += 1

    async def _read_link(self, secret: str) -> int:
        async with browser(self.site) as nobody:
            return (await nobody.post("/api/links/read", json={"secret": secret})).status_code

    def _expect(self, holds: bool, complaint: str) -> None:
        assert holds, f"seed {self.seed}: {complaint}"
