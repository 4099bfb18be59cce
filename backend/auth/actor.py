"""The person behind a request, as routes ask for them."""

from typing import Annotated

from fastapi import Depends, Request

from backend.auth.identification import identify
from backend.auth.person import Person


async def _actor(request: Request) -> Person:
    return await identify(request)


Actor = Annotated[Person, Depends(_actor)]
"""Who sent the request. The route's `access(...)` has already decided whether they may do what it asks."""
