"""The output of `maskloom train tune --json-lines`, one JSON object per line: progress, then the outcome."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from model_server.contract.wire import Count, Message, Name, Number, Seconds, Version, Words

TuningStage = Literal["preparing", "judging-old", "training", "judging-new"]

Videos = Annotated[tuple[Name, ...], Field(max_length=1_000_000)]


class TuningProgress(Message):
    """How far a stage has come."""

    t: Literal["progress"] = "progress"
    stage: TuningStage
    done: Count
    total: Count
    loss: Number | None = Field(description="Mean over the latest steps; only while training.")
    seconds_left: Seconds | None = Field(description="For the whole run; null while unknown.")


class ComparedMeasure(Message):
    """One measure of the old and the new version on the held-out videos."""

    measure: Name
    old: Number
    new: Number
    better: Literal["more", "fewer"]


class Tuned(Message):
    """Tuning succeeded: the new version is in the catalogue."""

    t: Literal["tuned"] = "tuned"
    name: Name
    version: Version
    parent: Name
    training: Videos = Field(description="Names of the videos.")
    held_out: Videos
    comparison: tuple[ComparedMeasure, ...] = Field(max_length=100)


class TuningFailed(Message):
    """Tuning failed, for this reason."""

    t: Literal["failed"] = "failed"
    reason: Words


TuningLine = Annotated[TuningProgress | Tuned | TuningFailed, Field(discriminator="t")]
tuning_line_adapter: TypeAdapter[TuningLine] = TypeAdapter(TuningLine)
