"""The one place that decides who may do what."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from backend.auth.refusals import NotAllowed
from backend.tables.states import Role

if TYPE_CHECKING:
    from backend.auth.person import Person


class Action(StrEnum):
    """What a route does to a project, or to the site. Coarse on purpose: a person can name them all."""

    view = "view"
    annotate = "annotate"
    verify = "verify"
    export = "export"
    manage = "manage"  # a project's settings, videos and members
    create = "create"  # a project
    account = "account"  # one's own password, sign-ins and tokens; never with a token
    administer = "administer"  # the site


ALLOWED: dict[Role, frozenset[Action]] = {
    Role.viewer: frozenset({Action.view}),
    Role.annotator: frozenset({Action.view, Action.annotate}),
    Role.verifier: frozenset({Action.view, Action.verify}),
    Role.manager: frozenset({Action.view, Action.annotate, Action.verify, Action.export, Action.manage}),
}
"""By role in a project."""

EVERYBODY: frozenset[Action] = frozenset({Action.view, Action.create, Action.account})
"""What everybody who is signed in may do on the site, in no project."""

TOKEN_ACTIONS: frozenset[Action] = frozenset(Action) - {Action.account}
"""What an API token can be made for."""


@dataclass(frozen=True, slots=True)
class InProject:
    """An object of a project, and what the person is there. An administrator needs no role."""

    project_id: UUID | None  # null: not looked up, because the person is an administrator without a limit
    role: Role | None


Site = Literal["site"]
Where = InProject | Site


def authorize(person: "Person", action: Action, where: Where) -> None:
    """Return if the person may do this there.

    Raises:
        NotAllowed
    """
    if action not in allowed(person, where):
        raise NotAllowed(_reason(person, action, where))


def allowed(person: "Person", where: Where) -> frozenset[Action]:
    """Everything the person may do there."""
    if where == "site":
        actions = EVERYBODY | {Action.administer} if person.is_admin else EVERYBODY
    elif person.is_admin:
        actions = ALLOWED[Role.manager]
    else:
        actions = ALLOWED[where.role] if where.role is not None else frozenset[Action]()
    if person.scope is None:
        return actions
    if person.scope.project_id is not None and (where == "site" or where.project_id != person.scope.project_id):
        # A token of one project may still look at what every project shares: models, formats, its own name.
        return actions & {Action.view} if where == "site" else frozenset()
    return actions & person.scope.actions


def _reason(person: "Person", action: Action, where: Where) -> str:
    if person.scope is not None and action not in person.scope.actions:
        return f"This API token is not made to {action}."
    if where == "site" or where.role is None:
        return "Only an administrator may do this." if action is Action.administer else "You may not do this."
    return f"You are {_with_article(where.role)} of this project, and may not {action} there."


def _with_article(role: Role) -> str:
    return f"an {role}" if role.startswith("a") else f"a {role}"
