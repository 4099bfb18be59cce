"""Take from a person what their rights no longer cover, in the transaction that lessens them.

Rights are also checked whenever something is used. What is withdrawn here stays withdrawn if the rights return.
"""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.permissions import ALLOWED, TOKEN_PERMISSIONS, Permission
from backend.auth.person import Person
from backend.leases.queries import release_tasks
from backend.people import member_queries, queries
from backend.people.sign_in import link_queries
from backend.tables import ApiToken, User
from backend.tables.states import Role
from backend.webhooks.service import pause_webhooks_of_former_manager


async def withdraw_what_is_no_longer_theirs(session: AsyncSession, user_id: UUID, actor: Person) -> None:
    """Void the links, sign-ins and API tokens that a person may no longer have, and pause or release what is theirs."""
    await session.flush()
    user = await queries.user(session, user_id)
    assert user is not None
    await link_queries.void_links_by(session, user_id)
    if user.disabled:
        await link_queries.void_links_for(session, user_id)
        await queries.end_sign_ins(session, user_id)
    await _narrow_tokens(session, user, actor)
    await release_tasks(session, user_id)
    await pause_webhooks_of_former_manager(session, user_id, actor)


async def _narrow_tokens(session: AsyncSession, user: User, actor: Person) -> None:
    """Take from each token what its owner may no longer do where it is valid. An empty one is revoked."""
    roles = await member_queries.roles_of(session, user.id)
    for token in await member_queries.live_tokens(session, user.id):
        kept = [word for word in token.scope if word in _may(user, roles, token)]
        if kept == token.scope:
            continue
        if kept:
            token.scope = kept
        else:
            token.revoked_at = func.now()
        details = {"name": token.name, "prefix": token.prefix, "scope": kept}
        action = "token.narrowed" if kept else "token.revoked"
        audit(session, action, actor_id=actor.user_id, project_id=token.project_id, object_id=token.id, details=details)


def _may(user: User, roles: dict[UUID, Role], token: ApiToken) -> frozenset[Permission]:
    """What the token's owner may still do there. A token for all their projects follows their roles by itself."""
    if user.disabled:
        return frozenset()
    if token.project_id is None:
        return TOKEN_PERMISSIONS if user.is_admin else TOKEN_PERMISSIONS - {Permission.administer}
    role = Role.manager if user.is_admin else roles.get(token.project_id)
    return ALLOWED[role] if role is not None else frozenset()
