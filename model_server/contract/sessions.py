"""Opening a tracking session, and restoring an object's history in it."""

from pydantic import Field, model_validator

from model_server.contract.masks import EncodedMask, Side
from model_server.contract.prompts import FramePrompts
from model_server.contract.wire import (
    MAX_FRAMES,
    Count,
    Epoch,
    FrameIndex,
    Message,
    Name,
    Number,
    ObjectId,
    Token,
    Version,
)


class VideoReference(Message):
    """The video of record. `path` lies in the data directory and is absolute or relative to it."""

    path: str = Field(min_length=1, max_length=4096)
    width: Side
    height: Side
    num_frames: int = Field(ge=1, le=MAX_FRAMES)


class OpenSessionRequest(Message):
    """Open a tracking session. A higher epoch or another model replaces an open one; a lower epoch is stale."""

    epoch: Epoch
    video: VideoReference
    model: str | None = Field(default=None, max_length=64, description="A name in the catalogue; null: the default.")


class SessionRead(Message):
    """An open tracking session; `tokens` names the history it holds of each object."""

    session_id: Name
    epoch: Epoch
    model: Name
    model_version: Version = Field(description="The version to record with every mask of this session.")
    tokens: dict[ObjectId, Token] = Field(max_length=1_000_000)


class ConditioningSeed(Message):
    """A frame that was prompted or drawn on. Its stored mask is used as is; if none is stored, the prompt is run.

    `answers_prompts` says that the mask came from clicks or a box. The frame's next prompt set then refines the mask
    that those refined (`base`), or starts from scratch as they did; otherwise it refines the mask itself.
    """

    frame_index: FrameIndex
    prompt: FramePrompts | None = None
    mask: EncodedMask | None = None
    object_score: Number
    answers_prompts: bool = False
    base: EncodedMask | None = None

    @model_validator(mode="after")
    def _has_something_to_seed(self) -> "ConditioningSeed":
        if self.mask is None and self.prompt is None:
            raise ValueError("a conditioning frame needs its mask or its prompt")
        if self.base is not None and not self.answers_prompts:
            raise ValueError("only a mask that answers prompts has a base")
        return self


class TrackedSeed(Message):
    """A frame whose mask came from propagation."""

    frame_index: FrameIndex
    mask: EncodedMask
    object_score: Number


class RestoreRequest(Message):
    """Give the session an object's history, which `token` names from then on. No frames: the object is empty."""

    epoch: Epoch
    object_id: ObjectId
    token: Token
    conditioning: tuple[ConditioningSeed, ...] = Field(default=(), max_length=MAX_FRAMES)
    tracked: tuple[TrackedSeed, ...] = Field(default=(), max_length=MAX_FRAMES)


class Restored(Message):
    """How many frames were restored."""

    restored: Count


class WarmRequest(Message):
    """Encode a frame ahead of its first prompt. Only a session's most recent request is kept."""

    epoch: Epoch
    frame_index: FrameIndex
