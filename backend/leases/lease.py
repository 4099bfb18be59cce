"""The lease in a request's header."""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header

from backend.leases.problems import LeaseLost

_LEASE = re.compile(r"^\s*([0-9a-fA-F-]{36})/([0-9]{1,9})\s*$")


@dataclass(frozen=True, slots=True)
class Lease:
    """The task that somebody works on, and the epoch in which they claimed it."""

    task_id: UUID
    epoch: int


async def _lease(
    lease: Annotated[
        str | None, Header(max_length=100, description="The task of this write, and its epoch: `<task id>/<epoch>`.")
    ] = None,
) -> Lease | None:
    if lease is None:
        return None
    match = _LEASE.match(lease)
    if match is None:
        raise LeaseLost("The Lease header is not `<task id>/<epoch>`.")
    try:
        return Lease(UUID(match.group(1)), int(match.group(2)))
    except ValueError:
        raise LeaseLost("The Lease header is not `<task id>/<epoch>`.") from None


LeaseHeader = Annotated[Lease | None, Depends(_lease)]
