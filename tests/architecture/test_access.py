"""Every route of the API says who may call it."""

import re

from backend.app import create_app
from backend.auth.access import Access, declared_access
from backend.auth.permissions import ALLOWED, EVERYBODY, Permission
from backend.openapi import api_routes
from backend.settings import Settings


def test_every_route_declares_its_access() -> None:
    routes = api_routes(create_app(Settings()))
    assert len(routes) > 30
    assert [f"{route.methods} {route.path}" for route in routes if declared_access(route.dependencies) is None] == []


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
