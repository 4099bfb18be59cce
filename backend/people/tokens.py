"""Make, list and revoke a person's own API tokens."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.authorization import InProject, allowed
from backend.auth.permissions import TOKEN_PERMISSIONS, Permission
from backend.auth.person import Person
from backend.auth.secrets import TOKEN_PREFIX, new_secret, sha256, shown_part
from backend.page import Page
from backend.people import member_queries, queries
from backend.people.member_schemas import TokenCreate, TokenCreated, TokenRead
from backend.people.problems import BadScope, TokenNotFound
from backend.projects.problems import ProjectNotFound
from backend.tables import ApiToken


async def create_token(session: AsyncSession, body: TokenCreate, actor: Person) -> TokenCreated:
    """Make an API token. Its secret is shown only in this response.

    Raises:
        BadScope: a token of this person cannot have this scope.
        ProjectNotFound: there is no such project, or the person is not a member.
    """
    scope = list(dict.fromkeys(body.scope))
    _check_scope(scope, actor)
    if body.project_id is not None:
        await _check_project(session, body.project_id, scope, actor)
    secret = new_secret(TOKEN_PREFIX)
    token = ApiToken(
        id=uuid4(),
        user_id=actor.user_id,
        project_id=body.project_id,
        name=body.name,
        prefix=shown_part(secret),
        token_sha256=sha256(secret),
        scope=scope,
        expires_at=func.now() + timedelta(days=body.days),
    )
    session.add(token)
    await session.flush()
    await session.refresh(token)
    _audit(session, token, "token.made", actor.user_id, scope=scope)
    return TokenCreated(token=_read(token), secret=secret)


async def list_tokens(session: AsyncSession, actor: Person, page: Page) -> list[TokenRead]:
    """List a page of the person's API tokens, newest first, including expired ones."""
    return [_read(token) for token in await member_queries.tokens_of(session, actor.user_id, page)]


async def revoke_token(session: AsyncSession, token_id: UUID, actor: Person) -> None:
    """Revoke one of the person's API tokens.

    Raises:
        TokenNotFound: it is not one of theirs, or was revoked.
    """
    token = await member_queries.revoke_token(session, actor.user_id, token_id)
    if token is None:
        raise TokenNotFound
    _audit(session, token, "token.revoked", actor.user_id)


async def end_tokens(session: AsyncSession, user_id: UUID) -> None:
    """Revoke all API tokens of a person, at their own wish."""
    for token in await member_queries.live_tokens(session, user_id):
        token.revoked_at = func.now()
        _audit(session, token, "token.revoked", user_id)


def _audit(session: AsyncSession, token: ApiToken, action: str, actor_id: UUID, **more: object) -> None:
    details = {"name": token.name, "prefix": token.prefix, **more}
    audit(
        session,
        action,
        actor_id=actor_id,
        project_id=token.project_id,
        object_id=token.id,
        details=details,
    )


def _check_scope(scope: list[Permission], actor: Person) -> None:
    if not TOKEN_PERMISSIONS.issuperset(scope):
        raise BadScope("A token cannot change the account it belongs to.")
    if Permission.administer in scope and not actor.is_admin:
        raise BadScope("Only an administrator's token can administer.")


async def _check_project(session: AsyncSession, project_id: UUID, scope: list[Permission], actor: Person) -> None:
    """Check that the token would not be worth more once its owner rises in the project."""
    membership = await queries.membership(session, project_id, actor.user_id)
    role = membership.role if membership else None
    known = role is not None or (actor.is_admin and await member_queries.project_exists(session, project_id))
    if not known:
        raise ProjectNotFound
    beyond = [word for word in scope if word not in allowed(actor, InProject(project_id, role))]
    if beyond:
        raise BadScope(f"You may not {beyond[0]} in this project yourself.")


def _read(token: ApiToken) -> TokenRead:
    return TokenRead(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        scope=[Permission(word) for word in token.scope if word in set(Permission)],
        project_id=token.project_id,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        created_at=token.created_at,
    )
