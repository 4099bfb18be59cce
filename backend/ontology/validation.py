"""What an ontology must not contain, and the ids of what it contains."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

from backend.ontology.problems import UnusableOntology
from backend.ontology.schemas import (
    Attribute,
    AttributeChoice,
    AttributeKind,
    AttributeScope,
    AttributeWrite,
    ChoiceWrite,
    ClassWrite,
    ObjectClass,
    Ontology,
    OntologyWrite,
)

PALETTE = ("#1845fb", "#ff5e02", "#c91f16", "#c849a9", "#adad7d", "#86c8dd", "#578dff", "#656364")
"""As in the interface: distinguishable with any colour vision."""

_MOST_FAULTS = 100

Fault = dict[str, Any]
"""Where in the document (`at`), and what is wrong there (`problem`)."""


class _Named(Protocol):
    @property
    def id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...


class _Identified(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


New = TypeVar("New", bound=_Named)


def same_name(name: str) -> str:
    """Names that differ only in case are the same."""
    return name.casefold()


def identified(known: Ontology, wanted: OntologyWrite) -> Ontology:
    """The wanted ontology with ids: those of what is here, by id or else by name, and new ones for what is new.

    Raises:
        UnusableOntology: it contradicts itself.
    """
    faults = [*_class_faults(wanted.classes), *_attribute_faults(wanted.attributes)]
    if faults:
        first = f"{faults[0]['at']}: {faults[0]['problem']}"
        more = f" There are {len(faults) - 1} more faults." if len(faults) > 1 else ""
        raise UnusableOntology(first + more, extra={"faults": faults[:_MOST_FAULTS]})
    names = {same_name(each.name): each.name for each in wanted.classes}
    classes = [
        ObjectClass(
            id=class_id,
            name=each.name,
            color=each.color or PALETTE[index % len(PALETTE)],
            key=each.key,
            noun_phrase=each.noun_phrase,
            parent=None if each.parent is None else names[same_name(each.parent)],
        )
        for index, (class_id, each) in enumerate(_with_ids(known.classes, wanted.classes))
    ]
    attributes = [
        _attribute(attribute_id, each, next((old for old in known.attributes if old.id == attribute_id), None))
        for attribute_id, each in _with_ids(known.attributes, wanted.attributes)
    ]
    return Ontology(classes=classes, attributes=attributes)


def _attribute(attribute_id: UUID, wanted: AttributeWrite, known: Attribute | None) -> Attribute:
    choices = _with_ids([] if known is None else known.choices, wanted.choices)
    return Attribute(
        id=attribute_id,
        name=wanted.name,
        scope=wanted.scope,
        kind=wanted.kind,
        required=wanted.required,
        changes=wanted.scope is AttributeScope.frame or bool(wanted.changes),
        choices=[AttributeChoice(id=choice_id, name=each.name) for choice_id, each in choices],
    )


def _with_ids(known: Sequence[_Identified], wanted: Sequence[New]) -> Iterator[tuple[UUID, New]]:
    ids = {each.id for each in known}
    taken = {each.id for each in wanted if each.id in ids}
    by_name = {same_name(each.name): each.id for each in known if each.id not in taken}
    for each in wanted:
        if each.id is not None and each.id in ids:
            yield each.id, each
        else:
            yield by_name.get(same_name(each.name)) or uuid4(), each


def _class_faults(classes: Sequence[ClassWrite]) -> Iterator[Fault]:
    yield from _repeated("classes", "name", (each.name for each in classes))
    yield from _repeated("classes", "key", (each.key for each in classes))
    yield from _repeated("classes", "id", (each.id for each in classes))
    parents = {same_name(each.name): each.parent and same_name(each.parent) for each in classes}
    for index, each in enumerate(classes):
        if each.parent is None:
            continue
        at = f"classes[{index}].parent"
        if same_name(each.parent) not in parents:
            yield {"at": at, "problem": f"there is no class {each.parent!r}"}
        elif _is_own_ancestor(same_name(each.name), parents):
            yield {"at": at, "problem": f"{each.name!r} would be a kind of itself"}


def _is_own_ancestor(name: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents[name]
    while above is not None and above in parents and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = parents[above]
    return False


def _attribute_faults(attributes: Sequence[AttributeWrite]) -> Iterator[Fault]:
    yield from _repeated("attributes", "name", (each.name for each in attributes))
    yield from _repeated("attributes", "id", (each.id for each in attributes))
    for index, each in enumerate(attributes):
        at = f"attributes[{index}]"
        if each.scope is AttributeScope.video and each.changes:
            yield {"at": f"{at}.changes", "problem": "what is said of a video does not change; say it of its frames"}
        if each.scope is AttributeScope.frame and each.changes is False:
            yield {"at": f"{at}.changes", "problem": "what is said of frames changes; say it of the video"}
        if each.kind is AttributeKind.choice and not each.choices:
            yield {"at": f"{at}.choices", "problem": "there is nothing to choose from"}
        if each.kind is not AttributeKind.choice and each.choices:
            yield {"at": f"{at}.choices", "problem": f"an attribute of the kind {each.kind} has no choices"}
        yield from _choice_faults(f"{at}.choices", each.choices)


def _choice_faults(at: str, choices: Sequence[ChoiceWrite]) -> Iterator[Fault]:
    yield from _repeated(at, "name", (each.name for each in choices))
    yield from _repeated(at, "id", (each.id for each in choices))


def _repeated(at: str, field: str, values: Iterable[object]) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for index, value in enumerate(values):
        compared = same_name(value) if isinstance(value, str) else value
        if value is not None and compared in first:
            problem = f"{str(value)!r} is the {field} of {at}[{first[compared]}] as well"
            yield {"at": f"{at}[{index}].{field}", "problem": problem}
        first.setdefault(compared, index)
