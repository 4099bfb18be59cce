"""Masks as messages: an encoded mask, and the model's result on one frame."""

from typing import Annotated

from pydantic import Field

from model_server.contract.wire import FrameIndex, Message, Number, ObjectId, Seconds, Share, Version

Side = Annotated[int, Field(ge=1, le=16384)]
Area = Annotated[int, Field(ge=0, le=16384**2)]


class EncodedMask(Message):
    """A whole-frame mask as compressed COCO run lengths (column-major, ASCII). An absent object has an empty mask."""

    size: tuple[Side, Side] = Field(description="(height, width)")
    counts: str = Field(min_length=1, max_length=8_000_000)


class MaskResult(Message):
    """The model's mask of one object on one frame."""

    object_id: ObjectId
    frame_index: FrameIndex
    mask: EncodedMask
    predicted_iou: Number = Field(description="The network's own estimate of the mask's IoU with the truth.")
    object_score: Number = Field(description="Presence logit; positive means that the object is visible.")
    stability: Share = Field(description="IoU between the mask at a raised and at a lowered logit threshold.")
    area: Area = Field(description="Pixels in the mask; 0 means that the object is absent.")
    candidate: int | None = Field(
        ge=0, le=2, description="Which of the model's three candidates this is, 0 to 2; null if there was only one."
    )
    seconds: Seconds = Field(description="Seconds the device spent on this mask.")
    model_version: Version
