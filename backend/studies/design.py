"""The design of a study: who does which object, in which phase and in which order. Pure functions.

It is a Latin square, with as many people as there are phases. Within a square, every object is done once in each phase,
at the same point of everybody's work, and everybody does every phase once, so that neither practice nor fatigue favours
a phase. The next square takes the groups of objects in another order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Object = TypeVar("Object")
Way = TypeVar("Way")


@dataclass(frozen=True, slots=True)
class Assignment(Generic[Object, Way]):
    """One object for one person: the phase to do it in, and its 0-based position in their work."""

    person: int
    object: Object
    phase: Way
    position: int


def counterbalanced(num_people: int, objects: Sequence[Object], phases: Sequence[Way]) -> list[Assignment[Object, Way]]:
    """All assignments, person by person and in working order. Each person does each object once."""
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
