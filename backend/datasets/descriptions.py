"""What datasets say of objects, frames and videos: their classes, with places in files, and values by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.ontology.problems import UnknownClass
from backend.ontology.schemas import Attribute, AttributeScope, ObjectClass, Ontology
from backend.ontology.timelines import Value, Values
from backend.ontology.validation import same_name

_WITHOUT_CLASS = "object"
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class ExportedValues:
    """What is said by one attribute: by the frame from which on each value holds, rising; choices by their names."""

    attribute: Attribute
    by_frame: Mapping[int, Value]

    def at(self, frame: int) -> Value:
        held = [each for each in self.by_frame if each <= frame]
        return self.by_frame[held[-1]] if held else None


def exported_values(ontology: Ontology, stored: Values, *scopes: AttributeScope) -> list[ExportedValues]:
    """What a masklet or a video stores about attributes of these scopes, in the ontology's order."""
    found: list[ExportedValues] = []
    for attribute in ontology.attributes:
        timeline = stored.get(str(attribute.id))
        if timeline and attribute.scope in scopes:
            names: dict[Value, Value] = {str(choice.id): choice.name for choice in attribute.choices}
            said = {int(frame): names.get(value, value) for frame, value in timeline.items()}
            found.append(ExportedValues(attribute, dict(sorted(said.items()))))
    return found


@dataclass(frozen=True, slots=True)
class DatasetClass:
    """A class as files know it. `place` is its place in the project's ontology, `index` that among the chosen ones.

    Both count from 0 and follow from the ontology and the choice, so no object that comes or goes changes them.
    """

    place: int
    index: int
    name: str
    parent: str | None
    color: str | None


class DatasetOntology:
    """What a dataset has of a project's ontology: the chosen classes, and the attributes of objects.

    For files that give every object a class, those without one are in a last one called "object", or in the project's
    own of that name. With a class that is added at the end, only the place of this last one changes.
    """

    def __init__(self, ontology: Ontology, chosen: Collection[UUID | None] | None = None) -> None:
        """`chosen` are the ids of classes, None for objects without one; or None for all.

        Raises:
            UnknownClass: the ontology lacks a class that is chosen.
        """
        require_classes(ontology, chosen)
        self.whole = ontology
        self.attributes: Sequence[Attribute] = [
            each for each in ontology.attributes if each.scope is AttributeScope.object
        ]
        places: dict[UUID | None, int] = {each.id: place for place, each in enumerate(ontology.classes)}
        namesakes = [places[each.id] for each in ontology.classes if same_name(each.name) == _WITHOUT_CLASS]
        places[None] = namesakes[0] if namesakes else len(ontology.classes)
        taken = sorted({place for key, place in places.items() if chosen is None or key in chosen})
        by_place = {place: _class_at(ontology.classes, place, index) for index, place in enumerate(taken)}
        self.classes: Sequence[DatasetClass] = list(by_place.values())
        self._by_id = {key: by_place[place] for key, place in places.items() if place in by_place}

    def class_of(self, object_class: ObjectClass | None) -> DatasetClass:
        """The class under which the files have an object of this class, or of none."""
        return self._by_id[None if object_class is None else object_class.id]


def _class_at(classes: Sequence[ObjectClass], place: int, index: int) -> DatasetClass:
    if place == len(classes):
        return DatasetClass(place, index, _WITHOUT_CLASS, parent=None, color=None)
    found = classes[place]
    return DatasetClass(place, index, found.name, found.parent, found.color)


def require_classes(ontology: Ontology, chosen: Collection[UUID | None] | None) -> None:
    """Check that the ontology has the classes that are chosen.

    Raises:
        UnknownClass: it lacks some.
    """
    known: set[UUID | None] = {None, *(each.id for each in ontology.classes)}
    unknown = [str(each) for each in chosen or () if each not in known]
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        raise UnknownClass(f"There is no class {', '.join(unknown[:_MOST_NAMED])}{more}.")
