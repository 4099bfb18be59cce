"""What goes when one ontology replaces another, and what becomes of the classes and values that name it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from backend.ontology.problems import UnusableOntology
from backend.ontology.schemas import Attribute, Ontology
from backend.ontology.timelines import Value, Values, settled
from backend.ontology.validation import same_name


@dataclass(frozen=True, slots=True)
class Departure:
    """Something that the new ontology lacks: a class, an attribute or a choice, or the former form of an attribute."""

    what: str
    name: str
    successors: Mapping[str, UUID] = field(default_factory=dict[str, UUID])  # by name: what can take its place


def departures(before: Ontology, after: Ontology) -> dict[UUID, Departure]:
    """Everything that goes, by its id. Choices of an attribute that goes go with it, unnamed."""
    classes = {same_name(each.name): each.id for each in after.classes}
    kept = {each.id for each in after.classes}
    gone = {each.id: Departure("class", each.name, classes) for each in before.classes if each.id not in kept}
    attributes = {each.id: each for each in after.attributes}
    for each in before.attributes:
        now = attributes.get(each.id)
        if now is None:
            gone[each.id] = Departure("attribute", each.name)
        elif _form(now) != _form(each):
            gone[each.id] = Departure("form", each.name)
        else:
            choices = {same_name(choice.name): choice.id for choice in now.choices}
            kept = set(choices.values())
            gone |= {
                choice.id: Departure("choice", f"{each.name}: {choice.name}", choices)
                for choice in each.choices
                if choice.id not in kept
            }
    return gone


def _form(attribute: Attribute) -> tuple[str, str, bool]:
    return attribute.scope, attribute.kind, attribute.changes


def successors(gone: Mapping[UUID, Departure], becomes: Mapping[UUID, str | None]) -> dict[UUID, UUID | None]:
    """What takes the place of what goes, as far as the request says so.

    Raises:
        UnusableOntology: it names something that stays, or a successor that cannot be one.
    """
    found: dict[UUID, UUID | None] = {}
    for old, name in becomes.items():
        departure = gone.get(old)
        if departure is None:
            raise _unusable(old, "nothing with this id goes")
        if name is not None and same_name(name) not in departure.successors:
            raise _unusable(old, f"the {departure.what} {departure.name!r} cannot become {name!r}")
        found[old] = None if name is None else departure.successors[same_name(name)]
    return found


def _unusable(old: UUID, problem: str) -> UnusableOntology:
    return UnusableOntology(f"becomes: {problem}.", extra={"faults": [{"at": f"becomes.{old}", "problem": problem}]})


def named_in(values: Values) -> set[str]:
    """The ids that values name: their attributes, and the choices among them."""
    return {*values, *(str(value) for timeline in values.values() for value in timeline.values())}


def translated(values: Values, becomes: Mapping[UUID, UUID | None]) -> dict[str, dict[str, Value]]:
    """The values with what goes replaced by what takes its place. Of an attribute that goes, none are left."""
    replaced = {str(old): None if new is None else str(new) for old, new in becomes.items()}

    def translation(value: Value) -> Value:
        return replaced.get(value, value) if isinstance(value, str) else value

    found = {
        attribute: settled({frame: translation(value) for frame, value in timeline.items()})
        for attribute, timeline in values.items()
        if attribute not in replaced
    }
    return {attribute: timeline for attribute, timeline in found.items() if timeline}
