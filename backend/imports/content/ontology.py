"""What a dataset says that objects, frames and videos can be: classes and attributes, as its files have them."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from backend.imports.problems import UnreadableDataset
from backend.ontology.schemas import AttributeKind, AttributeScope, Number, Text
from backend.ontology.timelines import Value
from backend.ontology.validation import same_name

_NUMBER, _TEXT = TypeAdapter[float](Number), TypeAdapter[str](Text)


class FoundClass(BaseModel):
    """A class, category or label."""

    name: str
    id: UUID | None = None  # where it was exported
    color: str | None = None
    key: str | None = None
    noun_phrase: str | None = None
    parent: str | None = None  # its name


class FoundChoice(BaseModel):
    name: str
    id: UUID | None = None


class FoundAttribute(BaseModel):
    name: str
    scope: AttributeScope
    kind: AttributeKind
    id: UUID | None = None
    required: bool = False
    changes: bool = False
    choices: list[FoundChoice] = []


class FoundOntology(BaseModel):
    """All of them. Values name an attribute by its place in the list."""

    classes: list[FoundClass] = []
    attributes: list[FoundAttribute] = []
    whole: bool = False  # a project's own, of which also those are wanted that nothing has


def checked_value(attribute: FoundAttribute, value: Any, *, place: str) -> Value:
    """A value of an attribute as it is stored, but for a choice, which is its name.

    Raises:
        UnreadableDataset: the attribute has no such value. It begins with the place.
    """
    if value is None:
        return None
    match attribute.kind:
        case AttributeKind.choice:
            names = {same_name(choice.name): choice.name for choice in attribute.choices}
            if isinstance(value, str) and same_name(value) in names:
                return names[same_name(value)]
            words = f"is one of {', '.join(list(names.values())[:10])}"
        case AttributeKind.yes_no:
            if isinstance(value, bool):
                return value
            words = "is true or false"
        case AttributeKind.number:
            if isinstance(value, int | float) and not isinstance(value, bool) and _fits(_NUMBER, value):
                return value
            words = "is a number"
        case AttributeKind.text:
            if isinstance(value, str) and _fits(_TEXT, value):
                return value.strip()
            words = "is a text of 1 to 500 characters"
    raise UnreadableDataset(f"{place}: attribute {attribute.name!r:.80} {words}, not {value!r:.40}.")


def _fits(kind: TypeAdapter[Any], value: Any) -> bool:
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True
