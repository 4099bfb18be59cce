"""The check that a text can be stored."""

from pydantic import AfterValidator


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


STORABLE = AfterValidator(_storable)
"""For every string that is stored: Postgres accepts all characters but NUL, also in JSON."""
