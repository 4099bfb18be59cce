"""Stored prompts through a tracking session: what the application does with a person's clicks, without either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model_server.headless.behaviour import as_reference
from model_server.headless.history import History
from model_server.headless.steps import Clear, Prompt, Propagate, Remove, Step
from model_server.headless.stretched_frames import StretchedFrames
from model_server.segmenter import FrameResult, FrameSource, VideoSegmenter


def segment(
    source: FrameSource, steps: Iterable[Step], segmenter: VideoSegmenter, *, reference_behaviour: bool = False
) -> Iterator[FrameResult]:
    """Play the steps on a video and yield every answer, in order: one for a prompt, one per object and frame carried.

    Points are pixels of the source's pictures; masks are boolean arrays of its (height, width). A frame that is come to
    again is answered again; the last answer holds. `reference_behaviour` follows the released predictor's rules,
    which forget corrections. Raises what the session and the source do: ValueError, UnreadableVideo.

        with opened(Path("clip.mp4")) as source:
            steps = [Prompt("1", 0, FramePrompt(clicks=(Click(390, 220, True),))), Propagate("both")]
            for result in segment(source, steps, registry.build("builtin")):
                print(result.frame_index, result.mask.sum())
    """
    yield from Player(source, segmenter, reference_behaviour=reference_behaviour).play(steps)


class Player:
    """One tracking session, and what it has been asked."""

    def __init__(self, source: FrameSource, segmenter: VideoSegmenter, *, reference_behaviour: bool = False) -> None:
        if reference_behaviour:
            segmenter = as_reference(segmenter)
            source = StretchedFrames(source, segmenter.info.input_size)
        self.info = segmenter.info
        self._session = segmenter.open(source)
        self._history = History(source.num_frames, reference_behaviour)

    def is_conditioning(self, object_id: str, frame_index: int) -> bool:
        """Whether the object's mask there comes from a prompt, and not from tracking."""
        return frame_index in self._history.conditioning.get(object_id, ())

    def play(self, steps: Iterable[Step]) -> Iterator[FrameResult]:
        """As `segment`."""
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
