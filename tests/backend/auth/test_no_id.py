"""What stands in a path in place of an id is told to be none."""

import re

from backend.app import create_app
from backend.db.engine import Sessions
from backend.openapi import api_routes
from backend.settings import Settings
from tests.backend.accounts import add_person, browser, signed_in_secret
from tests.backend.running import RunningBackend

NO_ID = "%C2%AA"


async def test_an_administrator_is_told_what_is_no_id(site: RunningBackend, sessions: Sessions) -> None:
    """They are let in without a look at the object, so the route itself meets what is no id."""
    paths = [
        route.path_format
        for route in api_routes(create_app(Settings()))
        if "GET" in (route.methods or ()) and "_id}" in route.path_format
    ]
    root = await add_person(sessions, "root", is_admin=True)
    async with browser(site, await signed_in_secret(sessions, root)) as client:
        for path in paths:
            answer = await client.get(re.sub(r"{\w+}", NO_ID, path))
            assert answer.status_code == 422, f"{path}: {answer.status_code} {answer.text[:200]}"
