"""Propagation: the request, and the lines of its JSON Lines answer."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from model_server.contract.masks import Area, MaskResult
from model_server.contract.wire import MAX_FRAMES, Count, Direction, Epoch, FrameIndex, Message, ObjectId, Token, Words

RunId = Annotated[str, Field(min_length=1, max_length=64)]


class PropagatedObject(Message):
    """An object to propagate. Its token must be `base_token`, and becomes `token` with the `open` line."""

    object_id: ObjectId
    base_token: Token
    token: Token
    locked: tuple[FrameIndex, ...] = Field(
        default=(),
        max_length=MAX_FRAMES,
        description="Frames that must not change; propagation of this object stops before them.",
    )
    clean_under: Area = Field(
        default=0,
        description="Holes and components of fewer pixels are removed from results, not from memory.",
    )


class SkippedFrame(Message):
    """An object's frame that the run neither tracks nor reports."""

    object_id: ObjectId
    frame_index: FrameIndex


class PropagateRequest(Message):
    """Propagate objects from `start_frame` through [first_frame, last_frame], visiting every frame once."""

    epoch: Epoch
    run_id: RunId
    objects: tuple[PropagatedObject, ...] = Field(min_length=1, max_length=1000)
    start_frame: FrameIndex
    first_frame: FrameIndex
    last_frame: FrameIndex
    direction: Direction
    skip: tuple[SkippedFrame, ...] = Field(default=(), max_length=MAX_FRAMES)

    @model_validator(mode="after")
    def _is_a_range(self) -> "PropagateRequest":
        if not self.first_frame <= self.start_frame <= self.last_frame:
            raise ValueError("start_frame must lie in [first_frame, last_frame]")
        if len({tracked.object_id for tracked in self.objects}) != len(self.objects):
            raise ValueError("an object is listed once")
        return self


class RunOpened(Message):
    """First line of an answer."""

    t: Literal["open"]
    run_id: RunId


class RunMask(MaskResult):
    """One object's mask on one frame; `seq` counts the mask lines from 0.

    `token` names the object's history from which it was tracked: the run's, or that of a prompt answered since.
    """

    t: Literal["mask"]
    seq: Count
    token: Token


class RunHeartbeat(Message):
    """Sent every second while there is nothing else to send."""

    t: Literal["heartbeat"]


class RunEnded(Message):
    """Last line of a run that finished or was cancelled; `frames` is the number of mask lines before it."""

    t: Literal["end"]
    frames: Count
    cancelled: bool


class RunFailed(Message):
    """Last line of a run that failed. Its objects must be restored before they are used again.

    The code `needs-restore` means that one of them was restored by another request in the meantime.
    """

    t: Literal["error"]
    code: Words
    detail: Words


RunEvent = Annotated[RunOpened | RunMask | RunHeartbeat | RunEnded | RunFailed, Field(discriminator="t")]
run_event_adapter: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)
