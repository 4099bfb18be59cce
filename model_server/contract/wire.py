"""The base class of all messages, and the fields that several of them share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FrameIndex = Annotated[int, Field(ge=0, description="0-based index into the video of record.")]
ObjectId = Annotated[str, Field(min_length=1, max_length=64)]
Token = Annotated[str, Field(max_length=128, description="Names one history of an object; '' is that of a new object.")]
Epoch = Annotated[int, Field(ge=0, description="Fencing number of the session's owner; a lower one is stale.")]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False, description="Pixels of the video of record.")]


class Message(BaseModel):
    """Immutable. An unknown field is an error, so that two versions cannot misunderstand each other silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(StrEnum):
    """Which way a propagation goes. `both`: forward from the start frame, then backward from it."""

    forward = "forward"
    backward = "backward"
    both = "both"
