"""The cookie that keeps a browser signed in."""

from fastapi import Request, Response

from backend.settings import Settings

_SECONDS_PER_DAY = 86_400
_DAYS_KNOWN = 400  # the longest that browsers keep a cookie


def cookie_name(settings: Settings) -> str:
    """The cookie's name. Over HTTPS it has the prefix with which no other host or path can set it."""
    return "__Host-maskloom" if is_secure(settings) else "maskloom_sign_in"


def is_secure(settings: Settings) -> bool:
    return settings.public_origin.startswith("https://")


def read_cookie(request: Request, settings: Settings) -> str | None:
    return request.cookies.get(cookie_name(settings))


def set_cookie(response: Response, settings: Settings, secret: str) -> None:
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=settings.sign_in_days * _SECONDS_PER_DAY,
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def read_known_browser(request: Request, settings: Settings) -> str | None:
    """The secret by which this browser is known from earlier sign-ins."""
    return request.cookies.get(_known_name(settings))


def set_known_browser(response: Response, settings: Settings, secret: str) -> None:
    """Have the browser keep the secret after its sign-in has ended. It opens nothing."""
    response.set_cookie(
        _known_name(settings),
        secret,
        max_age=_DAYS_KNOWN * _SECONDS_PER_DAY,
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def _known_name(settings: Settings) -> str:
    return "__Host-maskloom-known" if is_secure(settings) else "maskloom_known"


def clear_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="lax")
