"""The player runs stored prompts through a tracking session, as the application does with those of an annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from model_server.headless.behaviour import as_reference
from model_server.headless.history import History
from model_server.headless.steps import Clear, Prompt, Propagate, Remove, Step
from model_server.headless.stretched_frames import StretchedFrames
from model_server.segmenter import FrameResult, FrameSource, VideoSegmenter


def segment(
    source: FrameSource, steps: Iterable[Step], segmenter: VideoSegmenter, *, reference_behaviour: bool = False
) -> Iterator[FrameResult]:
    """Play the steps on a video and yield the results in order: one per prompt, one per object and frame tracked.

    Points are (x, y) in pixels of the source's frames, masks (height, width) bool of the same size. A frame visited
    again yields another result, which replaces the earlier one. `reference_behaviour` follows the rules of the released
    predictor, under which corrections do not condition. Errors are those of session and source: ValueError,
    UnreadableVideo.

        with opened(Path("clip.mp4")) as source:
            steps = [Prompt("1", 0, FramePrompt(clicks=(Click(390, 220, True),))), Propagate("both")]
            for result in segment(source, steps, registry.build("builtin")):
                print(result.frame_index, result.mask.sum())
    """
    yield from Player(source, segmenter, reference_behaviour=reference_behaviour).play(steps)


class Player:
    """One tracking session, with the history of what it was asked."""

    def __init__(self, source: FrameSource, segmenter: VideoSegmenter, *, reference_behaviour: bool = False) -> None:
        if reference_behaviour:
            segmenter = as_reference(segmenter)
            source = StretchedFrames(source, segmenter.info.input_size)
        self.info = segmenter.info
        self._session = segmenter.open(source)
        self._history = History(source.num_frames, reference_behaviour)

    def is_conditioning(self, object_id: str, frame_index: int) -> bool:
        """Whether the object's mask on this frame comes from a prompt rather than from tracking."""
        return frame_index in self._history.conditioning.get(object_id, ())

    def play(self, steps: Iterable[Step]) -> Iterator[FrameResult]:
        """Carry out the steps; see `segment`."""
        for step in steps:
            self._history.note(step)
            match step:
                case Prompt(name, frame, prompt):
                    yield self._session.prompt(name, frame, prompt)
                case Clear(name, frame):
                    self._session.clear_frame(name, frame)
                case Remove(name):
                    self._session.forget_object(name)
                case Propagate():
                    for visit in self._history.visits(step):
                        yield from self._session.track_together(visit.object_ids, visit.frame_index, visit.direction)
                case _:
                    assert_never(step)
