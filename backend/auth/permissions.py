"""Permissions, and the roles that give them."""

from enum import StrEnum

from backend.tables.states import Role


class Permission(StrEnum):
    """What a person may do in a project or on the site. Coarse on purpose, so that they can be remembered."""

    view = "view"
    annotate = "annotate"
    verify = "verify"
    export = "export"
    manage = "manage"  # a project's settings, videos and members
    create = "create"  # a project
    account = "account"  # the person's own password, sign-ins and tokens; never with a token
    administer = "administer"  # the site


ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.viewer: frozenset({Permission.view}),
    Role.annotator: frozenset({Permission.view, Permission.annotate}),
    Role.verifier: frozenset({Permission.view, Permission.verify}),
    Role.manager: frozenset(
        {Permission.view, Permission.annotate, Permission.verify, Permission.export, Permission.manage}
    ),
}
"""Permissions by role in a project."""


def roles_with(permission: Permission) -> list[Role]:
    """The roles that give a permission in a project."""
    return [role for role, permissions in ALLOWED.items() if permission in permissions]


EVERYBODY: frozenset[Permission] = frozenset({Permission.view, Permission.create, Permission.account})
"""Permissions of every signed-in person on the site itself."""

TOKEN_PERMISSIONS: frozenset[Permission] = frozenset(Permission) - {Permission.account}
"""Permissions that an API token can have."""
