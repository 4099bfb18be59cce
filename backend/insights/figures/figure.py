"""The record that describes a figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from backend.insights.facts import Evidence


@dataclass(frozen=True, slots=True)
class Figure:
    """A table of rows computed from the evidence. `rows` is a pure function.

    Each row of a `personal` figure is about one person, `user_id`; only managers see other people's rows.
    """

    name: str
    title: str
    row: type[BaseModel]
    rows: Callable[[Evidence], Sequence[BaseModel]]
    personal: bool = False
