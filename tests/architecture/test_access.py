"""Every route of the API says who may call it."""

import re

from backend.app import create_app
from backend.auth.access import Access, declared_access
from backend.auth.authorization import ALLOWED, EVERYBODY, Action
from backend.auth.objects import KINDS
from backend.openapi import api_routes
from backend.settings import Settings


def test_every_route_declares_its_access() -> None:
    routes = api_routes(create_app(Settings()))
    assert len(routes) > 30
    assert [f"{route.methods} {route.path}" for route in routes if declared_access(route.dependencies) is None] == []


def test_a_route_about_an_object_is_guarded_by_that_object() -> None:
    """The innermost id of a path belongs to the object the access was declared for, or lies inside it."""
    unguarded = []
    for route in api_routes(create_app(Settings())):
        declared = declared_access(route.dependencies)
        named = [name for name in re.findall(r"{(\w+)_id}", route.path) if name in KINDS]
        if isinstance(declared, Access) and named and declared.kind not in named:
            unguarded.append(f"{route.methods} {route.path}: {declared}")
    assert unguarded == []


def test_every_action_can_be_had_by_somebody() -> None:
    assert set(Action) - EVERYBODY - frozenset().union(*ALLOWED.values()) == {Action.administer}
