"""What the classes and attributes of a dataset are in a project: those that are here, those to be made, and why not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from backend.imports.content.harvest import FoundValues
from backend.imports.content.ontology import FoundAttribute, FoundClass, FoundOntology
from backend.imports.survey import SurveyedVideo
from backend.ontology.schemas import (
    MAX_ATTRIBUTES,
    MAX_CLASSES,
    Attribute,
    AttributeChoice,
    AttributeKind,
    AttributeScope,
    AttributeValue,
    AttributeWrite,
    ChoiceWrite,
    ClassWrite,
    ObjectClass,
    Ontology,
    OntologyWrite,
)
from backend.ontology.validation import identified, same_name

_KIND_WORDS = {
    AttributeKind.choice: "a choice",
    AttributeKind.number: "a number",
    AttributeKind.text: "a text",
    AttributeKind.yes_no: "yes or no",
}
_SCOPE_WORDS = {
    AttributeScope.object: "of objects",
    AttributeScope.frame: "of frames",
    AttributeScope.video: "of the video",
}

_Here = TypeVar("_Here", ObjectClass, Attribute)


@dataclass(slots=True)
class ClassMatch:
    """A class of a dataset. Without `here` it is made, unless `fault` says why not: a clause."""

    found: FoundClass
    num_objects: int
    here: ObjectClass | None = None
    fault: str | None = None


@dataclass(slots=True)
class AttributeMatch:
    """An attribute of a dataset. `new_choices` are those that the one here lacks."""

    found: FoundAttribute
    place: int  # in the dataset's ontology
    num_values: int  # objects and videos that have any
    here: Attribute | None = None
    new_choices: list[ChoiceWrite] = field(default_factory=list[ChoiceWrite])
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class OntologyMatch:
    """A dataset's classes and attributes, as far as anything that is imported needs them."""

    classes: Sequence[ClassMatch] = ()
    attributes: Sequence[AttributeMatch] = ()

    @property
    def new_classes(self) -> list[ClassMatch]:
        return [each for each in self.classes if each.here is None and each.fault is None]

    @property
    def new_attributes(self) -> list[AttributeMatch]:
        return [each for each in self.attributes if each.here is None and each.fault is None]

    @property
    def adds(self) -> bool:
        """Whether the project's ontology has to change."""
        more = any(each.new_choices for each in self.attributes if each.fault is None)
        return bool(self.new_classes or self.new_attributes or more)

    def added_to(self, here: Ontology) -> Ontology:
        """The ontology with what is to be made at its end. What is here stays as it is."""
        choices = {each.here.id: each.new_choices for each in self.attributes if each.here and each.fault is None}
        attributes = [AttributeWrite.model_validate(each.model_dump()) for each in here.attributes]
        for each in attributes:
            assert each.id is not None
            each.choices = [*each.choices, *choices.get(each.id, [])]
        classes = [ClassWrite.model_validate(each.model_dump()) for each in here.classes]
        taken = {each.key for each in classes}
        names = self._names()
        for match in self.new_classes:
            made = ClassWrite.model_validate(match.found.model_dump(exclude={"id", "parent"}))
            made.key = None if made.key in taken else made.key
            made.parent = names.get(same_name(match.found.parent or ""))
            classes.append(made)
        attributes += [_attribute(match.found) for match in self.new_attributes]
        return identified(here, OntologyWrite(classes=classes, attributes=attributes))

    def terms(self, ontology: Ontology) -> "Terms":
        """What the dataset says in the project's words, once the ontology has all of them."""
        ids = {same_name(each.name): each.id for each in ontology.classes}
        classes = {
            same_name(each.found.name): each.here.id if each.here else ids[same_name(each.found.name)]
            for each in self.classes
            if each.fault is None
        }
        named = {same_name(each.name): each for each in ontology.attributes}
        known = {each.id: each for each in ontology.attributes}
        attributes = {
            each.place: known[each.here.id] if each.here else named[same_name(each.found.name)]
            for each in self.attributes
            if each.fault is None
        }
        choices = {each.place: _choices(each, attributes[each.place]) for each in self.attributes if each.fault is None}
        return Terms(ontology, classes, attributes, choices)

    def _names(self) -> dict[str, str]:
        """What the dataset's classes are called here, by their names there."""
        usable = [each for each in self.classes if each.fault is None]
        return {same_name(each.found.name): (each.here or each.found).name for each in usable}


@dataclass(frozen=True, slots=True)
class Terms:
    """A project's classes by the labels of a dataset, and its attributes by their places there."""

    ontology: Ontology
    classes: Mapping[str, UUID]
    attributes: Mapping[int, Attribute]
    choices: Mapping[int, Mapping[str, UUID]]

    def class_of(self, label: str | None) -> UUID | None:
        return None if label is None else self.classes.get(same_name(label))

    def values(self, found: FoundValues) -> list[AttributeValue]:
        """Those that have an attribute here."""
        return [
            AttributeValue(attribute_id=self.attributes[place].id, frame_index=frame, value=self._value(place, value))
            for place, timeline in found.items()
            if place in self.attributes
            for frame, value in timeline
        ]

    def _value(self, place: int, value: str | float | bool | None) -> str | float | bool | None:
        if self.attributes[place].kind is AttributeKind.choice and isinstance(value, str):
            return str(self.choices[place][same_name(value)])
        return value


def match_ontology(
    found: FoundOntology, here: Ontology, videos: Iterable[SurveyedVideo], *, classes: bool = True, values: bool = True
) -> OntologyMatch:
    """Match what objects of these videos have, by id or else by name; of a project's own ontology, all of it."""
    labels, places = Counter[str](), Counter[int]()
    for video in videos:
        labels.update({same_name(label): num for label, num in video.labels.items()})
        places.update(video.values)
    return OntologyMatch(
        _match_classes(found, here, labels) if classes else (),
        _match_attributes(found, here, places) if values else (),
    )


def _match_classes(found: FoundOntology, here: Ontology, labels: Mapping[str, int]) -> list[ClassMatch]:
    by_id = {each.id: each for each in here.classes}
    by_name = {same_name(each.name): each for each in here.classes}
    matches: list[ClassMatch] = []
    room = MAX_CLASSES - len(here.classes)
    for each in found.classes:
        num_objects = labels.get(same_name(each.name), 0)
        if not num_objects and not found.whole:
            continue
        match = ClassMatch(each, num_objects, _known(each.id, by_id) or by_name.get(same_name(each.name)))
        if match.here is None:
            match.fault = _class_fault(each) or (None if room else f"a project has at most {MAX_CLASSES:,} classes")
            room -= match.fault is None
        matches.append(match)
    return matches


def _match_attributes(found: FoundOntology, here: Ontology, places: Mapping[int, int]) -> list[AttributeMatch]:
    by_id = {each.id: each for each in here.attributes}
    by_name = {same_name(each.name): each for each in here.attributes}
    matches: list[AttributeMatch] = []
    room = MAX_ATTRIBUTES - len(here.attributes)
    made = set[str]()
    for place, each in enumerate(found.attributes):
        num_values = places.get(place, 0)
        if not num_values and not found.whole:
            continue
        match = AttributeMatch(each, place, num_values, _known(each.id, by_id) or by_name.get(same_name(each.name)))
        if match.here is not None:
            match.new_choices = _new_choices(each, match.here)
            match.fault = _fault_beside(match, match.here)
        elif same_name(each.name) in made:
            match.fault = "the dataset has another attribute of this name"
        else:
            match.fault = _attribute_fault(each) or (
                None if room else f"a project has at most {MAX_ATTRIBUTES} attributes"
            )
        if match.here is None and match.fault is None:
            made.add(same_name(each.name))
            room -= 1
        matches.append(match)
    return matches


def _known(wanted: UUID | None, by_id: Mapping[UUID, _Here]) -> _Here | None:
    return None if wanted is None else by_id.get(wanted)


def _new_choices(found: FoundAttribute, here: Attribute) -> list[ChoiceWrite]:
    ids = {choice.id for choice in here.choices}
    names = {same_name(choice.name) for choice in here.choices}
    new = [each for each in found.choices if each.id not in ids and same_name(each.name) not in names]
    return [ChoiceWrite.model_construct(name=each.name) for each in new]


def _fault_beside(match: AttributeMatch, here: Attribute) -> str | None:
    """Why values of the dataset's attribute cannot be those of the one here."""
    found = match.found
    if (found.kind, found.scope) != (here.kind, here.scope):
        there = f"{_KIND_WORDS[found.kind]} {_SCOPE_WORDS[found.scope]}"
        return f"there it is {there}, here {_KIND_WORDS[here.kind]} {_SCOPE_WORDS[here.scope]}"
    if found.changes and not here.changes:
        return "there it changes in the course of the video, here it does not"
    return _attribute_fault(found, [*here.choices, *match.new_choices] if match.new_choices else ())


def _class_fault(found: FoundClass) -> str | None:
    try:
        ClassWrite.model_validate(found.model_dump(exclude={"id", "parent"}))
    except ValidationError as error:
        return _first_of(error)
    return None


def _attribute_fault(found: FoundAttribute, choices: Sequence[ChoiceWrite | AttributeChoice] = ()) -> str | None:
    try:
        made = _attribute(found)
        if choices:
            AttributeWrite.model_validate(made.model_dump() | {"choices": [each.model_dump() for each in choices]})
    except ValidationError as error:
        return _first_of(error)
    return None


def _attribute(found: FoundAttribute) -> AttributeWrite:
    told = found.model_dump(exclude={"id", "choices"})
    return AttributeWrite.model_validate(told | {"choices": [{"name": choice.name} for choice in found.choices]})


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _choices(match: AttributeMatch, here: Attribute) -> dict[str, UUID]:
    """The ids of choices here by the names that they have in the dataset."""
    ids = {choice.id for choice in here.choices}
    by_name = {same_name(choice.name): choice.id for choice in here.choices}
    return {
        same_name(each.name): each.id if each.id in ids and each.id is not None else by_name[same_name(each.name)]
        for each in match.found.choices
    }
