"""The dependency by which routes get the person behind a request."""

from typing import Annotated

from fastapi import Depends, Request

from backend.auth.identification import identify
from backend.auth.person import Person


async def _actor(request: Request) -> Person:
    known: Person | None = getattr(request.state, "person", None)
    return known or await identify(request)


Actor = Annotated[Person, Depends(_actor)]
"""The person who sent the request. The route's `access(...)` has already checked their permission."""
