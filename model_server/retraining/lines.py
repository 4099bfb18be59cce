"""A run told to a program: the contract's JSON Lines."""

from __future__ import annotations

from typing import TextIO

from pydantic import BaseModel

from model_server.contract import tuning_lines as wire
from model_server.retraining.progress import Progress
from model_server.retraining.tuning_run import Tuned


class Lines:
    """Writes each line at once: its reader shows it to a person."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def progress(self, told: Progress) -> None:
        """How far it is."""
        self._write(
            wire.TuningProgress(
                stage=told.stage,
                done=told.done,
                total=told.total,
                loss=told.loss,
                seconds_left=told.seconds_left,
            )
        )

    def tuned(self, tuned: Tuned) -> None:
        """The last line of a run that succeeded."""
        entry = tuned.entry
        assert entry.parent is not None
        self._write(
            wire.Tuned(
                name=entry.name,
                version=entry.version,
                parent=entry.parent,
                training=tuple(video.name for video in tuned.split.training),
                held_out=tuple(video.name for video in tuned.split.held_out),
                comparison=tuple(
                    wire.ComparedMeasure(measure=each.measure, old=each.old, new=each.new, better=each.better)
                    for each in tuned.comparisons
                ),
            )
        )

    def failed(self, reason: str) -> None:
        """The last line of a run that cannot be done."""
        self._write(wire.TuningFailed(reason=reason))

    def _write(self, line: BaseModel) -> None:
        self._out.write(line.model_dump_json() + "\n")
        self._out.flush()
