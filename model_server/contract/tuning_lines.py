"""The output of `maskloom train tune --json-lines`, one JSON object per line: progress, then the outcome."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from model_server.contract.wire import Message

TuningStage = Literal["preparing", "judging-old", "training", "judging-new"]


class TuningProgress(Message):
    """How far a stage has come."""

    t: Literal["progress"] = "progress"
    stage: TuningStage
    done: int
    total: int
    loss: float | None = Field(description="Mean over the latest steps; only while training.")
    seconds_left: float | None = Field(description="For the whole run; null while unknown.")


class ComparedMeasure(Message):
    """One measure of the old and the new version on the held-out videos."""

    measure: str
    old: float
    new: float
    better: Literal["more", "fewer"]


class Tuned(Message):
    """Tuning succeeded: the new version is in the catalogue."""

    t: Literal["tuned"] = "tuned"
    name: str
    version: str
    parent: str
    training: tuple[str, ...] = Field(description="Names of the videos.")
    held_out: tuple[str, ...]
    comparison: tuple[ComparedMeasure, ...]


class TuningFailed(Message):
    """Tuning failed, for this reason."""

    t: Literal["failed"] = "failed"
    reason: str


TuningLine = Annotated[TuningProgress | Tuned | TuningFailed, Field(discriminator="t")]
tuning_line_adapter: TypeAdapter[TuningLine] = TypeAdapter(TuningLine)
