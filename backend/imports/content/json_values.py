"""Values of JSON that may be anything, each as what it should be, or None if it is not that."""

import math
from typing import Any, cast

from backend.imports.problems import UnreadableDataset

_MOST = 2**31 - 1


def list_in(value: Any) -> list[Any] | None:
    return cast(list[Any], value) if isinstance(value, list) else None


def object_in(value: Any) -> dict[str, Any] | None:
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def number_of(value: Any) -> float | None:
    """A finite number; true and false are none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) <= _MOST and math.isfinite(value) else None


def whole_of(value: Any) -> int | None:
    """A whole number, also if it is written as 3.0."""
    number = number_of(value)
    return int(number) if number is not None and number == int(number) else None


def entry_of(value: Any, name: str, key: str) -> dict[str, Any]:
    """An entry of a list in a document, which must be an object."""
    entry = object_in(value)
    if entry is None:
        raise UnreadableDataset(f"{name}: an entry of {key} is no object.")
    return entry


def positive(entry: dict[str, Any], key: str, place: str) -> int:
    """A size or a count, which must be there."""
    number = whole_of(entry.get(key))
    if number is None or number < 1:
        raise UnreadableDataset(f"{place}: {key} must be a whole number above 0, not {entry.get(key)!r:.40}.")
    return number
