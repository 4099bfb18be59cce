"""Problems of accounts, sign-ins, memberships and links."""

from backend.problems import MaskloomError, NotFound


class WrongPassword(MaskloomError):
    """Login and password do not fit together."""

    status = 401
    title = "Wrong login or password"
    slug = "wrong-password"


class TooManyAttempts(MaskloomError):
    """Too many wrong passwords; Retry-After says how long to wait."""

    status = 429
    title = "Too many attempts"
    slug = "too-many-attempts"


class SignedInLocally(MaskloomError):
    """This Maskloom has one person, the machine's owner; MASKLOOM_SIGN_IN=accounts lets others in."""

    status = 409
    title = "There are no accounts here"
    slug = "signed-in-locally"


class LinkNotValid(MaskloomError):
    """The link was used, was withdrawn or has expired; ask for a new one."""

    status = 410
    title = "The link is no longer valid"
    slug = "link-not-valid"


class LoginTaken(MaskloomError):
    """Somebody else signs in under this name."""

    status = 409
    title = "The login is taken"
    slug = "login-taken"


class SignInNotFound(NotFound):
    """You have no such sign-in, or no longer."""

    slug = "sign-in-not-found"


class MemberNotFound(NotFound):
    """Nobody of this project has this id."""

    slug = "member-not-found"


class UserNotFound(NotFound):
    """Nobody here has this id."""

    slug = "user-not-found"


class InvitationNotFound(NotFound):
    """There is no such invitation, or it can no longer be used."""

    slug = "invitation-not-found"


class TokenNotFound(NotFound):
    """You have no such API token, or it was revoked."""

    slug = "token-not-found"


class LastManager(MaskloomError):
    """A project keeps at least one manager; make somebody else one first."""

    status = 409
    title = "The last manager"
    slug = "last-manager"


class LastAdministrator(MaskloomError):
    """The site keeps at least one administrator; make somebody else one first."""

    status = 409
    title = "The last administrator"
    slug = "last-administrator"


class BadScope(MaskloomError):
    """No API token can be made for this."""

    status = 422
    title = "No token can be made for this"
    slug = "bad-scope"


class NoProvider(NotFound):
    """People do not sign in with a provider here."""

    slug = "no-provider"


class ProviderFailed(MaskloomError):
    """The OpenID provider did not answer, or not as it must."""

    status = 502
    title = "The provider failed"
    slug = "provider-failed"


class NotInvited(MaskloomError):
    """The provider knows you, and nobody here does: ask for an invitation."""

    status = 403
    title = "Not invited"
    slug = "not-invited"
