"""What `maskloom train tune --json-lines` prints, one JSON object a line: progress, then how it ended."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from model_server.contract.wire import Message

Stage = Literal["preparing", "judging-old", "training", "judging-new"]


class TuningProgress(Message):
    """How far a stage is."""

    t: Literal["progress"] = "progress"
    stage: Stage
    done: int
    total: int
    loss: float | None = Field(description="Mean of the last few steps, while training.")
    seconds_left: float | None = Field(description="Of the whole run; null while nobody can tell.")


class ComparedMeasure(Message):
    """One measure of the old and the new version on the held-out videos."""

    measure: str
    old: float
    new: float
    better: Literal["more", "fewer"]


class Tuned(Message):
    """The new version is in the catalogue."""

    t: Literal["tuned"] = "tuned"
    name: str
    version: str
    parent: str
    training: tuple[str, ...] = Field(description="Names of the videos.")
    held_out: tuple[str, ...]
    comparison: tuple[ComparedMeasure, ...]


class TuningFailed(Message):
    """It cannot be done; the reason completes a sentence."""

    t: Literal["failed"] = "failed"
    reason: str


TuningLine = Annotated[TuningProgress | Tuned | TuningFailed, Field(discriminator="t")]
tuning_line_adapter: TypeAdapter[TuningLine] = TypeAdapter(TuningLine)
