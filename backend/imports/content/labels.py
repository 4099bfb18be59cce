"""Text from strangers' files, made fit to be stored and shown."""

import re
import unicodedata
from typing import Any

LONGEST = 200
_NUMBER = re.compile(r"(\d+)(?=\D*$)", re.ASCII)
_CONTROL = ("Cc", "Cs")  # the latter are halves of characters, which no database stores
_MOST_DIGITS = 9


def label_of(value: Any) -> str | None:
    """A name: without control characters, of at most 200 characters; None if nothing is left of it."""
    text = value if isinstance(value, str) else ""
    plain = "".join(c for c in text if unicodedata.category(c) not in _CONTROL).strip()
    return plain[:LONGEST].strip() or None


def number_in(name: str) -> int | None:
    """The last number in a file's name, such as 12 in `00012` and in `img_0000012`; None if there is none."""
    found = _NUMBER.search(name)
    return int(found[1]) if found and len(found[1].lstrip("0")) <= _MOST_DIGITS else None
