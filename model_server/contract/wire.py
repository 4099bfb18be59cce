"""The base class of all messages, and the fields that several of them share.

Everything in a message has a bound, so that neither side can be made to hold more than it is prepared for. Words for
people are cut at theirs: they often carry another program's message, and a reason too long is still the reason.
"""

import json
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_FRAMES = 10_000_000
_LONGEST_NAME, _LONGEST_WORDS, _LONGEST_DOCUMENT = 255, 10_000, 1_000_000


def _cut(longest: int) -> BeforeValidator:
    def cut(given: Any) -> Any:
        is_too_long = isinstance(given, str) and len(given) > longest
        return f"{given[: longest - 1]}\N{HORIZONTAL ELLIPSIS}" if is_too_long else given

    return BeforeValidator(cut)


def _left_out_if_huge(given: Any) -> Any:
    return given if len(json.dumps(given, default=str)) <= _LONGEST_DOCUMENT else {}


Count = Annotated[int, Field(ge=0, le=2**53)]
Number = Annotated[float, Field(ge=-1e39, le=1e39, allow_inf_nan=False)]  # any of 32 bits
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=_LONGEST_NAME), _cut(_LONGEST_NAME)]
Words = Annotated[str, Field(max_length=_LONGEST_WORDS), _cut(_LONGEST_WORDS)]
Document = Annotated[str, Field(max_length=_LONGEST_DOCUMENT), _cut(_LONGEST_DOCUMENT)]
Metrics = Annotated[dict[str, Any], Field(max_length=1000), BeforeValidator(_left_out_if_huge)]
Version = Annotated[str, Field(max_length=64, description="First 12 hex digits of the SHA-256 of the weights.")]
FrameIndex = Annotated[int, Field(ge=0, lt=MAX_FRAMES, description="0-based index into the video of record.")]
ObjectId = Annotated[str, Field(min_length=1, max_length=64)]
Token = Annotated[str, Field(max_length=128, description="Names one history of an object; '' is that of a new object.")]
Epoch = Annotated[
    int, Field(ge=0, lt=2**63, description="Fencing number of the session's owner; a lower one is stale.")
]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False, description="Pixels of the video of record.")]


class Message(BaseModel):
    """Immutable. An unknown field is an error, so that two versions cannot misunderstand each other silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(StrEnum):
    """Which way a propagation goes. `both`: forward from the start frame, then backward from it."""

    forward = "forward"
    backward = "backward"
    both = "both"
