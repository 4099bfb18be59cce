"""Who does which object under which phase, and when. Pure.

People come in squares of as many as there are phases. In a square every object is done once under each phase, at the
same point of everybody's work, and everybody does every phase once: neither practice nor fatigue favours one. The next
square does the groups of objects in another order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Object = TypeVar("Object")
Way = TypeVar("Way")


@dataclass(frozen=True, slots=True)
class Assignment(Generic[Object, Way]):
    """One object for one person: the phase to do it in, and its place in their work, from 0."""

    person: int
    object: Object
    phase: Way
    position: int


def counterbalanced(num_people: int, objects: Sequence[Object], phases: Sequence[Way]) -> list[Assignment[Object, Way]]:
    """Everybody's work, person by person and in order. Each person does each object once."""
    assignments: list[Assignment[Object, Way]] = []
    for person in range(num_people):
        square, row = divmod(person, len(phases))
        position = 0
        for block in range(len(phases)):
            group = (block + square) % len(phases)
            for each in objects[group :: len(phases)]:
                phase = phases[(row + group) % len(phases)]
                assignments.append(Assignment(person, each, phase, position))
                position += 1
    return assignments
