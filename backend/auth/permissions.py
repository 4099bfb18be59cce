"""What people may be allowed to do, and which role allows what."""

from enum import StrEnum

from backend.tables.states import Role


class Permission(StrEnum):
    """What somebody may do to a project or to the site. Coarse on purpose: one can name them all from memory."""

    view = "view"
    annotate = "annotate"
    verify = "verify"
    export = "export"
    manage = "manage"  # a project's settings, videos and members
    create = "create"  # a project
    account = "account"  # one's own password, sign-ins and tokens; never with a token
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

EVERYBODY: frozenset[Permission] = frozenset({Permission.view, Permission.create, Permission.account})
"""What anybody who is signed in may do on the site itself."""

TOKEN_PERMISSIONS: frozenset[Permission] = frozenset(Permission) - {Permission.account}
"""What an API token can be made for."""
