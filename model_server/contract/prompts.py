"""Prompts: what an annotator asks of the model on one frame."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from model_server.contract.masks import EncodedMask
from model_server.contract.wire import Coordinate, Epoch, FrameIndex, Message, ObjectId, Token

MAX_CLICKS = 100
"""Clicks on one frame. The built-in model answers so many in about three seconds of one processor, from nothing."""


class ClickLabel(StrEnum):
    """Whether the clicked pixel belongs to the object."""

    positive = "positive"
    negative = "negative"


class ClickPrompt(Message):
    """One click on the frame."""

    x: Coordinate
    y: Coordinate
    label: ClickLabel


class BoxPrompt(Message):
    """A box around the object, given by its top-left and bottom-right corners."""

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
    int, Field(ge=0, le=2, description="One of the three candidate masks of a click, in the model's own order.")
]


class FramePrompts(Message):
    """The complete prompt set of one frame, replacing any earlier one. A mask excludes clicks and a box.

    `candidate` selects one of the candidate masks of the first click: a single click is answered with it, and further
    clicks refine it. Null leaves the choice to the model.

    With `memory` false, clicks and box are answered from the frame's image alone, whatever is known of the object, and
    the resulting mask is remembered as if it had been given as a mask prompt.
    """

    clicks: Annotated[tuple[ClickPrompt, ...], Field(max_length=MAX_CLICKS)] = ()
    box: BoxPrompt | None = None
    mask: EncodedMask | None = None
    candidate: Candidate | None = None
    memory: bool = True

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "FramePrompts":
        if self.mask is not None and (self.clicks or self.box is not None):
            raise ValueError("a mask prompt excludes clicks and a box")
        if self.mask is None and self.box is None and not self.clicks:
            raise ValueError("a prompt set needs a click, a box or a mask")
        if self.candidate is not None and (not self.clicks or self.box is not None):
            raise ValueError("only clicks without a box have candidates to choose from")
        return self


class PromptRequest(Message):
    """Prompt one object on one frame. Its token must be `base_token`, and becomes `token`.

    A replay is asked again after a failure or a restart, and nobody waits for it: it lets prompts of people go first.
    """

    epoch: Epoch
    object_id: ObjectId
    base_token: Token
    token: Token
    frame_index: FrameIndex
    prompt: FramePrompts
    replay: bool = False
