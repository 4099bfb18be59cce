"""The person behind a request. Until sign-in exists, it is the machine's owner."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from backend.tables.user import LOCAL_OWNER_ID


def _actor() -> UUID:
    return LOCAL_OWNER_ID


Actor = Annotated[UUID, Depends(_actor)]
"""The user id that every row this request writes is signed with."""
