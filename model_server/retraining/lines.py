"""The lines of `maskloom train tune --json-lines`, as defined by the contract."""

from __future__ import annotations

from typing import TextIO

from pydantic import BaseModel

from model_server.contract import tuning_lines as wire
from model_server.retraining.progress import Progress
from model_server.retraining.tuning_run import TunedModel


class LineWriter:
    """Writes and flushes each line at once, because its reader shows it to a person."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def progress(self, progress: Progress) -> None:
        """Write how far the run has come."""
        self._write(
            wire.TuningProgress(
                stage=progress.stage,
                done=progress.done,
                total=progress.total,
                loss=progress.loss,
                seconds_left=progress.seconds_left,
            )
        )

    def tuned(self, tuned: TunedModel) -> None:
        """Write the last line of a run that succeeded."""
        entry = tuned.entry
        assert entry.parent is not None, "a tuned model has a parent"
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
        """Write the last line of a run that failed."""
        self._write(wire.TuningFailed(reason=reason))

    def _write(self, line: BaseModel) -> None:
        self._out.write(line.model_dump_json() + "\n")
        self._out.flush()
