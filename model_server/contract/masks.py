"""Masks on the wire."""

from typing import Annotated

from pydantic import Field

from model_server.contract.wire import FrameIndex, Message, ObjectId

Side = Annotated[int, Field(ge=1, le=16384)]


class EncodedMask(Message):
    """A full-frame mask as COCO run lengths (column-major, compressed, ASCII). An absent object is an empty mask."""

    size: tuple[Side, Side] = Field(description="(height, width)")
    counts: str = Field(min_length=1, max_length=8_000_000)


class MaskResult(Message):
    """One object's mask on one frame, as the model sees it."""

    object_id: ObjectId
    frame_index: FrameIndex
    mask: EncodedMask
    predicted_iou: float = Field(description="The decoder's own estimate of its IoU with the truth.")
    object_score: float = Field(description="Presence logit; positive means visible.")
    stability: float = Field(description="IoU of the mask cut at a higher and at a lower threshold.")
    area: int = Field(description="Pixels of the mask; 0 means the object is absent.")
    candidate: int | None = Field(
        description="Which of the model's three readings this is, 0 to 2; null where it had no choice."
    )
    seconds: float = Field(description="Time the device worked on this mask.")
    model_version: str = Field(description="First 12 hex digits of the SHA-256 of the weights that made it.")
