"""Which frames of which objects have been prompted and tracked: enough to plan a propagation, without masks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from model_server.headless.steps import Clear, Prompt, Propagate, Remove, Step, Visit, visits


@dataclass(slots=True)
class History:
    """Follows the steps of a session.

    With `keeps_reference_rules`, a correction on a tracked frame does not make it a conditioning frame, and all objects
    of a propagation start from the earliest conditioning frame of any of them.
    """

    num_frames: int
    keeps_reference_rules: bool = False
    conditioning: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    _tracked: dict[str, set[int]] = field(default_factory=dict[str, set[int]])

    def note(self, step: Step) -> None:
        """Record a step that was carried out. Propagations are recorded visit by visit instead, by `visits`."""
        match step:
            case Prompt(name, frame):
                conditioning = self.conditioning.setdefault(name, set())
                if not (self.keeps_reference_rules and frame in self._tracked.get(name, ())):
                    conditioning.add(frame)
            case Clear(name, frame):
                self.conditioning.get(name, set()).discard(frame)
                self._tracked.get(name, set()).discard(frame)
            case Remove(name):
                self.conditioning.pop(name, None)
                self._tracked.pop(name, None)
            case Propagate():
                pass
            case _:
                assert_never(step)

    def visits(self, step: Propagate) -> Iterator[Visit]:
        """Every visit of a propagation that starts now; each is recorded when the next one is requested."""
        for visit in visits(step, self._starts(step), self.num_frames):
            yield visit
            for name in visit.object_ids:
                if visit.frame_index not in self.conditioning[name]:
                    self._tracked.setdefault(name, set()).add(visit.frame_index)

    def _starts(self, step: Propagate) -> dict[str, int]:
        names = self.conditioning if step.object_ids is None else step.object_ids
        prompted = {name: self.conditioning[name] for name in names if self.conditioning.get(name)}
        if step.start_frame is not None:
            return dict.fromkeys(prompted, step.start_frame)
        if self.keeps_reference_rules and prompted:
            return dict.fromkeys(prompted, min(min(frames) for frames in self.conditioning.values() if frames))
        nearest_end = max if step.course == "backward" else min
        return {name: nearest_end(frames) for name, frames in prompted.items()}
