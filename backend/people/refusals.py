from backend.problems import MaskloomError, NotFound


class WrongPassword(MaskloomError):
    """Login and password do not fit together."""

    status = 401
    title = "Wrong login or password"
    slug = "wrong-password"


class TooManyAttempts(MaskloomError):
    """Somebody tried too often to sign in; wait a quarter of an hour."""

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
