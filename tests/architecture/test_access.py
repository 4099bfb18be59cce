"""Every route of the API says who may call it."""

import re

from fastapi.routing import iter_route_contexts

from backend.app import create_app
from backend.auth.access import Access, declared_access
from backend.auth.permissions import ALLOWED, EVERYBODY, Permission
from backend.openapi import api_routes
from backend.settings import Settings


def test_every_route_declares_its_access() -> None:
    routes = api_routes(create_app(Settings()))
    assert len(routes) > 30
    assert [f"{route.methods} {route.path}" for route in routes if declared_access(route.dependencies) is None] == []


def test_what_is_no_route_of_the_api_is_the_front_end() -> None:
    """A route elsewhere would escape the checks of this page."""
    routes = iter_route_contexts(create_app(Settings()).routes)
    assert {route.path for route in routes if not (route.path or "").startswith("/api")} == {"/{path:path}"}


def test_no_route_writes_for_those_who_may_only_view() -> None:
    """What is listed here a token made to view cannot do all the same: `Access` refuses it every write."""
    writes = set[str]()
    for route in api_routes(create_app(Settings())):
        declared = declared_access(route.dependencies)
        if isinstance(declared, Access) and Permission.view in declared.permissions:
            writes |= {f"{method} {route.path}" for method in (route.methods or set()) - {"GET", "HEAD"}}
    claims = {"POST /api/projects/{project_id}/tasks/next", "POST /api/tasks/{task_id}/claim"}  # of kinds they may do
    assert writes == {"POST /api/activity", *claims}


def test_a_route_about_an_object_is_guarded_by_that_object() -> None:
    """The innermost id of a path belongs to the object the access was declared for, or lies inside it."""
    declarations = [(route, declared_access(route.dependencies)) for route in api_routes(create_app(Settings()))]
    resources = {
        declared.resource.name for _, declared in declarations if isinstance(declared, Access) and declared.resource
    }
    unguarded = []
    for route, declared in declarations:
        named = [name for name in re.findall(r"{(\w+)_id}", route.path) if name in resources]
        if isinstance(declared, Access) and named and (not declared.resource or declared.resource.name not in named):
            unguarded.append(f"{route.methods} {route.path}: {declared}")
    assert unguarded == []


def test_every_permission_can_be_had_by_somebody() -> None:
    assert set(Permission) - EVERYBODY - frozenset().union(*ALLOWED.values()) == {Permission.administer}
