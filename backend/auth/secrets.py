"""Secrets that grant access: shown once, and stored as their SHA-256."""

import hashlib
import secrets

TOKEN_PREFIX = "mlt_"
_SHOWN = len(TOKEN_PREFIX) + 6


def new_secret(prefix: str = "") -> str:
    """256 random bits, as text that is safe in a URL, a header and a cookie."""
    return prefix + secrets.token_urlsafe(32)


def sha256(secret: str) -> str:
    """The stored form. It needs no salt or stretching: unlike a password, a secret of 256 bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown_part(token: str) -> str:
    """The beginning of a token, by which its owner recognises it."""
    return token[:_SHOWN]
