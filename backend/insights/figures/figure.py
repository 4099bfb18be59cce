"""What a figure is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from backend.insights.facts import Evidence


@dataclass(frozen=True, slots=True)
class Figure:
    """A table of rows computed from the evidence. `rows` is pure.

    A `personal` figure has one person in each row, as `user_id`: most viewers see only their own.
    """

    name: str
    title: str
    row: type[BaseModel]
    rows: Callable[[Evidence], Sequence[BaseModel]]
    personal: bool = False
