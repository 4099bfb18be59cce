"""Every route of the API x who asks x whose object: as declared, made from the API's own description.

A route that somebody adds is in here by itself; a new kind of object needs one line in `mint`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.app import create_app
from backend.auth.access import Access, Public, declared_access
from backend.auth.permissions import ALLOWED, EVERYBODY, TOKEN_PERMISSIONS, Permission
from backend.db.engine import Sessions
from backend.openapi import api_routes
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables.states import Role
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret, token_of
from tests.backend.auth.minting import Minted, mint
from tests.backend.running import RunningBackend

NOT_FOUND = {
    declared.resource.name: declared.resource.not_found.slug
    for route in api_routes(create_app(Settings()))
    if isinstance(declared := declared_access(route.dependencies), Access) and declared.resource is not None
}
"""What a route says of an object that is not there, by the resource it is about."""

UNDECIDED = "undecided"
"""One of two permissions is enough to come in; which one it takes, the route tells by the object."""

MEMBERS = [role.value for role in Role]
ROLES: dict[str, Role | None] = {role.value: role for role in Role} | {"stranger": None}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    permission: str
    resource: str  # its name, or "site", or "" for a public route
    other: str = ""  # a second permission that is enough

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> list[Operation]:
    """Those that end something come last: what they are tried on is gone afterwards."""
    found = [
        _operation(method, route.path_format, declared_access(route.dependencies))
        for route in api_routes(create_app(Settings()))
        for method in route.methods or ()
    ]
    return sorted(found, key=lambda operation: (operation.method == "DELETE", operation.resource == "project"))


def _operation(method: str, path: str, declared: Access | Public | None) -> Operation:
    if isinstance(declared, Access):
        resource = declared.resource.name if declared.resource else "site"
        return Operation(method, path, declared.permission, resource, declared.other or "")
    assert isinstance(declared, Public), f"{method} {path} does not say who may call it"
    return Operation(method, path, "public", "")


@dataclass(frozen=True)
class Answer:
    status: int
    slug: str
    body: bytes


@dataclass
class World:
    """Everybody, and two projects: one they are members of, and one that is none of theirs."""

    people: dict[str, httpx.AsyncClient]
    members: dict[UUID, Role]
    own: Minted
    foreign: Minted

    async def ask(self, who: str, operation: Operation, ids: dict[str, object]) -> Answer:
        """Send no more than an empty body: who may is told what is wrong with it, who may not learns nothing."""
        path = re.sub(r"{(\w+)}", lambda match: str(ids.get(match.group(1), uuid4())), operation.path)
        path = path.replace(str(ids.get("frame_index")), "0") if "frame_index" in ids else path
        body: dict[str, Any] = {} if operation.method in ("GET", "HEAD", "DELETE") else {"json": {}}
        async with self.people[who].stream(operation.method, path, **body) as response:
            if response.status_code < 400:
                return Answer(response.status_code, "", b"")  # a stream may go on for ever
            content = await response.aread()
        if operation.method == "HEAD":
            slugs = {401: "not-signed-in", 403: "not-allowed", 404: NOT_FOUND.get(operation.resource, "")}
            return Answer(response.status_code, slugs.get(response.status_code, ""), content)
        return Answer(response.status_code, str(response.json().get("type", "")).rpartition(":")[2], content)


async def make_world(site: RunningBackend, sessions: Sessions, stack: AsyncExitStack) -> World:
    people: dict[str, httpx.AsyncClient] = {"anonymous": browser(site)}
    members: dict[UUID, Role] = {}
    for name, role in ROLES.items():
        user_id = await add_person(sessions, f"{name}-{uuid4().hex[:8]}")
        if role is not None:
            members[user_id] = role
        people[name] = browser(site, await signed_in_secret(sessions, user_id))
        if role is Role.manager:
            for permission in sorted(TOKEN_PERMISSIONS):
                token = await token_of(sessions, user_id, *(TOKEN_PERMISSIONS - {permission}))
                people[f"token without {permission}"] = program(site, token)
            people["token to view"] = program(site, await token_of(sessions, user_id, Permission.view))
    administrator = await add_person(sessions, f"root-{uuid4().hex[:8]}", is_admin=True)
    people["administrator"] = browser(site, await signed_in_secret(sessions, administrator))
    disabled = await add_person(sessions, f"gone-{uuid4().hex[:8]}", is_admin=True, disabled=True)
    people["disabled"] = browser(site, await signed_in_secret(sessions, disabled))
    for client in people.values():
        await stack.enter_async_context(client)
    return World(people, members, *await two_projects(site, sessions, members))


async def two_projects(site: RunningBackend, sessions: Sessions, members: dict[UUID, Role]) -> tuple[Minted, Minted]:
    """One that these are members of, and one that is nobody's."""
    store = ObjectStore(site.settings.objects_dir)
    own, foreign = await mint(sessions, store), await mint(sessions, store)
    for user_id, role in members.items():
        await add_member(sessions, own.project_id, user_id, role)
    return own, foreign


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def may(role: str, operation: Operation) -> bool:
    """What the table says, without asking `authorize`."""
    enough = {Permission(word) for word in (operation.permission, operation.other) if word}
    if operation.resource == "site":
        return bool(enough & EVERYBODY) or (role == "administrator" and Permission.administer in enough)
    return role == "administrator" or (ROLES[role] is not None and bool(enough & ALLOWED[Role(role)]))


def expected(who: str, operation: Operation, *, foreign: bool) -> str:
    """What the answer has to be: a slug, or `in`: whatever the route itself says."""
    if operation.permission == "public":
        return "in"
    if who in ("anonymous", "disabled"):
        return "not-signed-in"
    if who == "token to view":
        if operation.resource != "site" and foreign:
            return NOT_FOUND[operation.resource]
        reads = operation.method in ("GET", "HEAD") and operation.permission == Permission.view
        return "in" if reads else "not-allowed"
    if who.startswith("token without "):
        if operation.resource != "site" and foreign:
            return NOT_FOUND[operation.resource]
        without = who.removeprefix("token without ")
        if operation.other and without in (operation.permission, operation.other):
            return UNDECIDED
        allowed = without != operation.permission and operation.permission != Permission.account
        return "in" if allowed and may("manager", operation) else "not-allowed"
    if who != "administrator" and operation.resource != "site" and (foreign or who == "stranger"):
        return NOT_FOUND[operation.resource]
    return "in" if may(who, operation) else "not-allowed"


@pytest.mark.long
async def test_every_route_lets_in_whom_it_declares_and_nobody_else(
    site: RunningBackend, sessions: Sessions, stack: AsyncExitStack
) -> None:
    world = await make_world(site, sessions, stack)
    wrong: list[str] = []
    asked = 0
    for number, operation in enumerate(operations()):
        # Who is signed in would be signed out by one of the public routes; nobody in particular is who they are for.
        for who in list(world.people) if operation.permission != "public" else ["anonymous"]:
            if who.startswith("token without ") and who != f"token without {operation.permission}" and asked % 7:
                continue  # that a token's other permissions are still its own need not be tried everywhere
            of_projects = operation.resource not in ("", "site")
            # Where they are no members the four roles are all the same; each is tried on a quarter of the routes.
            others = of_projects and (who not in MEMBERS or who == MEMBERS[number % len(MEMBERS)])
            for whose in ("own", "foreign") if others else ("own",):
                minted: Minted = getattr(world, whose)
                answer = await world.ask(who, operation, minted.ids())
                asked += 1
                if complaint := _complaint(answer, expected(who, operation, foreign=whose == "foreign"), operation):
                    wrong.append(f"{operation} by {who} on {whose}: {complaint}")
                if operation.method == "DELETE" and answer.status < 300:
                    # It is gone, and may be missed. What was not a project's may have been how somebody is signed in.
                    if operation.resource == "site":
                        world = await make_world(site, sessions, stack)
                    else:
                        world.own, world.foreign = await two_projects(site, sessions, world.members)
    assert wrong == [], "\n".join(wrong[:40])
    assert asked > 600


def _complaint(answer: Answer, wanted: str, operation: Operation) -> str:
    if answer.status >= 500 and answer.slug != "model-server-unavailable" and operation.path != "/api/health":
        return f"{answer.status} {answer.slug}"
    if wanted == UNDECIDED:
        return ""
    if wanted != "in":
        return "" if answer.slug == wanted else f"{answer.status} {answer.slug}, not {wanted}"
    shut = {"not-signed-in", "not-allowed"}
    if operation.resource in NOT_FOUND:
        shut.add(NOT_FOUND[operation.resource])
    return f"{answer.status} {answer.slug}, though allowed" if answer.slug in shut else ""


async def test_what_is_foreign_answers_byte_for_byte_as_what_is_missing(
    site: RunningBackend, sessions: Sessions, stack: AsyncExitStack
) -> None:
    world = await make_world(site, sessions, stack)
    told = []
    for operation in operations():
        if operation.resource in ("", "site"):
            continue
        missing = {name: uuid4() for name in world.foreign.ids()}
        for who in ("manager", "stranger"):
            answers = [await world.ask(who, operation, ids) for ids in (world.foreign.ids(), missing)]
            if answers[0] != answers[1]:
                told.append(f"{operation} by {who}: {answers}")
    assert told == []
