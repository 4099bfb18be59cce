"""Bodies of requests and responses about masklets."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.ontology.description import Description
from backend.ontology.schemas import AttributeValues, ReadValues
from backend.tables.states import Origin, Phase, VerdictKind, WorkState

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]


class MaskletCreate(BaseModel):
    """A new masklet. Without a name it is named after its class and its number."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    class_id: UUID | None = Field(default=None, description="Of the project's ontology.")
    attributes: AttributeValues = []

    def description(self) -> Description:
        return Description(class_id=self.class_id, sets_class=self.class_id is not None, values=self.attributes)


class MaskletUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class MaskletDescription(BaseModel):
    """What is to be said of an object. Without `class_id` it keeps its class, and other values stay as they are."""

    model_config = ConfigDict(extra="forbid")

    class_id: UUID | None = Field(default=None, description="Null takes the class away.")
    attributes: AttributeValues = []

    def description(self) -> Description:
        sets_class = "class_id" in self.model_fields_set
        return Description(class_id=self.class_id, sets_class=sets_class, values=self.attributes)


class MaskletRead(BaseModel):
    """The masks of one object through one video."""

    id: UUID
    video_id: UUID
    number: int = Field(description="1-based; never reused in a video.")
    name: str
    class_id: UUID | None = Field(description="Of the project's ontology.")
    attributes: ReadValues
    color_index: int = Field(description="Index into the palette, from 0.")
    phase: Phase
    origin: Origin
    verdict: VerdictKind | None = Field(description="The verdict on these masks; null while there is none.")
    work: WorkState = Field(description="Whose turn it is with the masklet.")
    version: int = Field(description="Send it in If-Match with every edit.")
    deleted: bool
    seq: int
    created_by: UUID
    model_version: str | None = Field(description="The model that made the latest of its current masks.")
