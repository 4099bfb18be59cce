"""What a person asks on one frame."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from model_server.contract.masks import EncodedMask
from model_server.contract.wire import Coordinate, Epoch, FrameIndex, Message, ObjectId, Token


class ClickLabel(StrEnum):
    """Whether the clicked pixel belongs to the object."""

    positive = "positive"
    negative = "negative"


class ClickPrompt(Message):
    """One click."""

    x: Coordinate
    y: Coordinate
    label: ClickLabel


class BoxPrompt(Message):
    """A box around the object, two opposite corners in reading order."""

    x0: Coordinate
    y0: Coordinate
    x1: Coordinate
    y1: Coordinate

    @model_validator(mode="after")
    def _in_reading_order(self) -> "BoxPrompt":
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError("a box runs from its top-left to its bottom-right corner")
        return self


Candidate = Annotated[
    int, Field(ge=0, le=2, description="One of the three readings of a click, in the model's own order.")
]


class FramePrompts(Message):
    """The complete prompt set of one frame; it replaces whatever that frame had. A mask stands alone.

    `candidate` chooses among the readings of the first click: one click alone is answered with it, further clicks
    refine it. Null leaves the choice to the model.

    Without `memory`, clicks and box are answered from the frame's image and themselves alone, whatever is known of the
    object, and their mask is then remembered as if it had been given as a mask prompt.
    """

    clicks: Annotated[tuple[ClickPrompt, ...], Field(max_length=1000)] = ()
    box: BoxPrompt | None = None
    mask: EncodedMask | None = None
    candidate: Candidate | None = None
    memory: bool = True

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "FramePrompts":
        if self.mask is not None and (self.clicks or self.box is not None):
            raise ValueError("a mask prompt stands alone, without clicks or box")
        if self.mask is None and self.box is None and not self.clicks:
            raise ValueError("a prompt set needs a click, a box or a mask; use clear-frame to take prompts back")
        if self.candidate is not None and (not self.clicks or self.box is not None):
            raise ValueError("a candidate is a reading of a click; a box or a mask leaves nothing to choose")
        return self


class PromptRequest(Message):
    """Prompt one frame of one object. The object must hold `base_token`; it holds `token` afterwards."""

    epoch: Epoch
    object_id: ObjectId
    base_token: Token
    token: Token
    frame_index: FrameIndex
    prompt: FramePrompts


class ClearFrameRequest(Message):
    """Forget one frame's prompts and memory of one object."""

    epoch: Epoch
    base_token: Token
    token: Token
    frame_index: FrameIndex
