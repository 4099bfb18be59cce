"""Bodies of requests and responses about ontologies; their parts are also how an ontology is stored."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from backend.db.text import STORABLE

MAX_CLASSES = 2000
MAX_ATTRIBUTES = 50
MAX_CHOICES = 200

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), STORABLE]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), STORABLE]
Color = Annotated[str, StringConstraints(pattern="^#[0-9A-Fa-f]{6}$"), AfterValidator(str.lower)]

Key = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "G", "S", "U", "Y", "Z"]
KEYS: tuple[str, ...] = get_args(Key)
"""The keys that classes may have: the others mean something in the workspace. A front-end test compares them."""


def _free_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = value.upper()
    if key not in KEYS:
        raise ValueError(f"{value[:8]!r} is no key for a class; free in the workspace are {', '.join(KEYS)}")
    return key


ClassKey = Annotated[Key, BeforeValidator(_free_key)]


class AttributeScope(StrEnum):
    """What an attribute is said of."""

    object = "object"
    frame = "frame"  # a video's frames, whatever objects are on them
    video = "video"


class AttributeKind(StrEnum):
    """What the values of an attribute are."""

    choice = "choice"
    number = "number"
    text = "text"
    yes_no = "yes_no"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClassFields(_Part):
    name: Label
    key: ClassKey | None = Field(default=None, description="One press in the workspace gives an object the class.")
    noun_phrase: Phrase | None = Field(default=None, description='What a model is asked for, such as "a yellow bus".')
    parent: Label | None = Field(default=None, description="The name of the class that this one is a kind of.")


class ClassWrite(ClassFields):
    """A class. An id that the project does not know is ignored; without one the class is found by its name."""

    id: UUID | None = None
    color: Color | None = Field(default=None, description="#rrggbb; without one the next of the palette.")


class ObjectClass(ClassFields):
    id: UUID
    color: Color


class ChoiceWrite(_Part):
    id: UUID | None = None
    name: Label


class AttributeChoice(_Part):
    id: UUID
    name: Label


class AttributeFields(_Part):
    name: Label
    scope: AttributeScope
    kind: AttributeKind
    required: bool = Field(default=False, description="It is missed where it has no value when work is submitted.")


class AttributeWrite(AttributeFields):
    """An attribute. Ids are read as those of classes are."""

    id: UUID | None = None
    changes: bool | None = Field(
        default=None, description="A value holds from its frame until the next. Frames' always do, videos' never."
    )
    choices: list[ChoiceWrite] = Field(default=[], max_length=MAX_CHOICES)


class Attribute(AttributeFields):
    id: UUID
    changes: bool = Field(description="A value holds from its frame until the next one.")
    choices: list[AttributeChoice]


class OntologyWrite(_Part):
    """A whole ontology. What a project's ontology is read as can be sent to another project as it is."""

    classes: list[ClassWrite] = Field(default=[], max_length=MAX_CLASSES)
    attributes: list[AttributeWrite] = Field(default=[], max_length=MAX_ATTRIBUTES)


class Ontology(_Part):
    """The classes and attributes of a project, in the order in which people see them."""

    classes: list[ObjectClass] = []
    attributes: list[Attribute] = []

    def choices(self) -> Iterator[tuple[Attribute, AttributeChoice]]:
        return ((attribute, choice) for attribute in self.attributes for choice in attribute.choices)


class OntologyReplacement(_Part):
    """The new ontology, and what becomes of what had a class, choice or attribute that is not in it any more."""

    ontology: OntologyWrite
    becomes: dict[UUID, Label | None] = Field(
        default={},
        max_length=MAX_CLASSES,
        description="By the id that goes, the name of the class or choice that takes its place; null for none.",
    )


class AttributeValue(_Part):
    """A value from a frame on. Null says that nothing is known from there on, or removes what was said."""

    attribute_id: UUID
    frame_index: int = Field(default=0, ge=0, le=2**31 - 1, description="0 for what does not change.")
    value: bool | Number | Text | None = Field(description="The id of a choice, a number, a text, or yes or no.")


AttributeValues = Annotated[list[AttributeValue], Field(max_length=100)]
ReadValues = dict[UUID, dict[int, bool | float | str | None]]
"""By attribute, then by the frame from which on each value holds."""
_READ_VALUES = TypeAdapter(ReadValues)


def read_values(stored: Mapping[str, Any]) -> ReadValues:
    """Values as a masklet or a video stores them."""
    return _READ_VALUES.validate_python(stored)


class OntologyRead(BaseModel):
    version: int = Field(description="Send it in If-Match to replace the ontology; 0 before it is first written.")
    ontology: Ontology
