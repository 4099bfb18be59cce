"""Routes of a person's own API tokens, which let programs act within a scope until they expire."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.page import AskedPage, BadCursor
from backend.people import tokens
from backend.people.member_schemas import TokenCreate, TokenCreated, TokenRead
from backend.people.problems import BadScope, TokenNotFound
from backend.problems import problems
from backend.projects.problems import ProjectNotFound

router = APIRouter(prefix="/api/me/tokens", tags=["account"])


@router.get("", responses=problems(BadCursor), dependencies=[access(Permission.account)])
async def list_tokens(session: Session, actor: Actor, page: AskedPage) -> Sequence[TokenRead]:
    """Your API tokens without their secrets, newest first, in pages: the Link header names the next one."""
    return await tokens.list_tokens(session, actor, page)


@router.post(
    "", status_code=201, responses=problems(BadScope, ProjectNotFound), dependencies=[access(Permission.account)]
)
async def create_token(body: TokenCreate, session: Session, actor: Actor) -> TokenCreated:
    """Make an API token. Programs send it as `Authorization: Bearer ...`. It never allows more than you may do."""
    return await tokens.create_token(session, body, actor)


@router.delete(
    "/{token_id}", status_code=204, responses=problems(TokenNotFound), dependencies=[access(Permission.account)]
)
async def revoke_token(token_id: UUID, session: Session, actor: Actor) -> None:
    """Revoke an API token."""
    await tokens.revoke_token(session, token_id, actor)
