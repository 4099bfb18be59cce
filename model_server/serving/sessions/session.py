"""One open video and what the model knows of its objects.

A token names the history that an object has here. A request names the history it builds on; if the object has another
one, the answer is `needs-restore`, and the backend restores the object from its stored masks. Tokens and tracking
state belong to the device thread: the methods under "On the device thread" run there and nowhere else.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from model_server.contract.sessions import VideoReference
from model_server.mask_search import AutomaticOptions, MaskSearch
from model_server.segmenter import Direction, FramePrompt, FrameResult, Steps, TrackingSession
from model_server.serving.problems import (
    ModelFailed,
    NeedsRestore,
    NothingToPropagate,
    OutOfMemory,
    SessionClosed,
    TookTooLong,
    VideoUnreadable,
)
from model_server.serving.sessions.stored_masks import RecallingSession, StoredMask
from model_server.serving.shortage import end_process, free_unused, is_broken_device, is_out_of_memory
from model_server.video.reader import FrameReader, UnreadableVideo

log = structlog.get_logger()
T = TypeVar("T")

NEW_OBJECT = ""
_MEASURE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Edit:
    """A step in an object's history: from `base_token` to `token`."""

    object_id: str
    base_token: str
    token: str


@dataclass(frozen=True, slots=True)
class TimedResult:
    """A result, and how long the device worked on it."""

    result: FrameResult
    seconds: float
    token: str = ""
    """Of a propagated mask: the object's history at the time."""


class Session:
    """A model's tracking session with its owner's epoch, its video and its objects' tokens."""

    def __init__(
        self, session_id: str, epoch: int, video: VideoReference, *, reader: FrameReader, tracking: TrackingSession
    ) -> None:
        self.session_id = session_id
        self.epoch = epoch
        self.video = video
        self.model_version = ""  # set by the register that opens it
        self.prompt_seconds = float("inf")  # of the device's time, for one prompt; set by the register
        self.reader = reader
        self.tokens: dict[str, str] = {}
        self._beginnings: Counter[str] = Counter()  # how often each object was started anew by a restore
        self.num_users = 0
        self.last_used_seconds = 0.0
        self.wanted_frames: deque[int] = deque(maxlen=1)
        self.closed = False
        self.make_room: Callable[[], None] = lambda: None  # frees memory of other sessions; set by the register
        self._tracking: RecallingSession | None = RecallingSession(tracking)
        self._model_bytes = 0
        self._next_measure_seconds = 0.0

    @property
    def memory_bytes(self) -> int:
        """Memory of the tracking state, measured twice a second, and of the decoded frames."""
        return self._model_bytes + self.reader.cached_bytes()

    # On the device thread.

    def prompting(self, edit: Edit, frame_index: int, prompt: FramePrompt) -> Steps[TimedResult]:
        """Prompt a frame and, with the last step, advance the object's token.

        NeedsRestore if another request changes the object between two steps.
        """
        result = yield from self._asking(frame_index, prompt, edit.object_id, lambda: self._expect(edit))
        self.tokens[edit.object_id] = edit.token
        return result

    def begin_run(self, edits: list[Edit]) -> dict[str, int]:
        """Advance the tokens of all objects or of none; returns the beginnings for `expect_beginnings`."""
        for edit in edits:
            self._expect(edit)
            if self.tokens.get(edit.object_id, NEW_OBJECT) == NEW_OBJECT:
                raise NothingToPropagate(f"object {edit.object_id} was never prompted here")
        for edit in edits:
            self.tokens[edit.object_id] = edit.token
        return {edit.object_id: self._beginnings[edit.object_id] for edit in edits}

    def expect_beginnings(self, beginnings: Mapping[str, int]) -> None:
        """NeedsRestore if an object was restored since: what the run would add belongs to another history."""
        for object_id, beginning in beginnings.items():
            if self._beginnings[object_id] != beginning:
                raise NeedsRestore(object_id, have_token=self.tokens.get(object_id, NEW_OBJECT))

    def track_together(self, object_ids: Sequence[str], frame_index: int, direction: Direction) -> list[TimedResult]:
        """One propagation step; the results in the objects' order, each with its share of the time."""
        start = time.perf_counter()
        results = self._guarded(
            object_ids, lambda tracking: tracking.track_together(object_ids, frame_index, direction)
        )
        share = (time.perf_counter() - start) / len(object_ids)
        return [TimedResult(result, share, self.tokens.get(result.object_id, NEW_OBJECT)) for result in results]

    def begin_search(self, frame_index: int, options: AutomaticOptions) -> MaskSearch:
        """A search for automatic masks on a frame; it changes no object."""
        return self._guarded([], lambda tracking: tracking.search(frame_index, options))

    def search_on(self, search: MaskSearch) -> bool:
        """One step of a search; False once it is finished."""
        return self._guarded([], lambda _tracking: search.step())

    def restoring_prompt(
        self, marker: str, object_id: str, frame_index: int, prompt: FramePrompt
    ) -> Steps[TimedResult]:
        """Prompt without advancing the token: part of the restore that has this marker."""
        return self._asking(frame_index, prompt, object_id, lambda: self.expect_token(object_id, marker))

    def remember(self, object_id: str, masks: list[StoredMask]) -> None:
        """Take stored masks as the object's history: part of a restore."""
        self._guarded([object_id], lambda tracking: tracking.remember(object_id, masks))

    def begin_restore(self, object_id: str, marker: str) -> None:
        """Forget the object. Until the restore ends, its token is `marker`, which no request builds on."""
        self._beginnings[object_id] += 1
        self._guarded([object_id], lambda tracking: tracking.forget_object(object_id))
        self.tokens[object_id] = marker

    def expect_token(self, object_id: str, token: str) -> None:
        """NeedsRestore unless the object has this history."""
        have_token = self.tokens.get(object_id, NEW_OBJECT)
        if have_token != token:
            raise NeedsRestore(object_id, have_token=have_token)

    def end_restore(self, object_id: str, marker: str, token: str) -> None:
        """From now on, the object has the history that `token` names."""
        self.expect_token(object_id, marker)
        self._set_token(object_id, token)

    def interrupt(self, object_ids: Sequence[str], why: str) -> None:
        """Results for these objects may have been lost: they must be restored before they are used."""
        for object_id in object_ids:
            self.tokens[object_id] = f"!{why}"

    def interrupt_run(self, beginnings: Mapping[str, int], run_id: str) -> None:
        """A run was cut off: its objects must be restored, except for those that already were."""
        left = [object_id for object_id, beginning in beginnings.items() if self._beginnings[object_id] == beginning]
        self.interrupt(left, f"interrupted {run_id}")

    def warm(self) -> None:
        """Encode the frame that was requested last, unless an earlier job has done so."""
        if not self.wanted_frames or self._tracking is None:
            return
        frame_index = self.wanted_frames.pop()
        try:
            self._tracking.warm(frame_index)
        except Exception:  # a prompt on this frame will report it; a warm-up has no answer to report it in
            log.exception("warm.failed", session_id=self.session_id, frame_index=frame_index)

    def drop_caches(self) -> None:
        """Free what can be computed again."""
        if self._tracking is not None:
            self._tracking.drop_caches()

    def release(self) -> None:
        """Drop the tracking state and close the file."""
        if self._tracking is None:
            return
        self._tracking = None
        self._model_bytes = 0
        self.reader.close()

    def _asking(
        self, frame_index: int, prompt: FramePrompt, object_id: str, expect: Callable[[], None]
    ) -> Steps[TimedResult]:
        """Ask the model, in steps; `expect` is called before each. TookTooLong if they add up to too much."""
        asking: Steps[FrameResult] | None = None
        seconds = 0.0
        has_failed = False

        def step(tracking: RecallingSession) -> FrameResult | None:
            nonlocal asking, has_failed
            asking = asking or tracking.prompting(object_id, frame_index, prompt)
            try:
                next(asking)
            except StopIteration as end:
                return end.value
            except BaseException:
                asking, has_failed = None, True  # a second chance begins from the beginning
                raise
            return None

        while True:
            expect()
            begun = time.perf_counter()
            # One for all its steps: beginning again whenever one fails would never end.
            result = self._guarded([object_id], step, has_second_chance=not has_failed)
            seconds += time.perf_counter() - begun
            if result is not None:
                return TimedResult(result, seconds)
            if seconds > self.prompt_seconds:
                raise TookTooLong(f"This prompt needs more than {self.prompt_seconds:g} s of the model server.")
            yield

    def _set_token(self, object_id: str, token: str) -> None:
        if token == NEW_OBJECT:
            self.tokens.pop(object_id, None)
        else:
            self.tokens[object_id] = token

    def _expect(self, edit: Edit) -> None:
        if self.closed:
            raise SessionClosed(f"tracking session {self.session_id} was closed")
        self.expect_token(edit.object_id, edit.base_token)

    def _guarded(
        self, object_ids: Sequence[str], work: Callable[[RecallingSession], T], *, has_second_chance: bool = True
    ) -> T:
        """Do the work. After a failure the state of the objects is unknown, so they must be restored."""
        if self.closed or self._tracking is None:
            raise SessionClosed(f"tracking session {self.session_id} was closed")
        try:
            tracking = self._tracking
            result = self._with_second_chance(work, tracking) if has_second_chance else work(tracking)
        except UnreadableVideo as error:
            self.interrupt(object_ids, "failed")
            raise VideoUnreadable(str(error)) from error
        except Exception as error:
            self.interrupt(object_ids, "failed")
            log.exception("model.failed", session_id=self.session_id, object_ids=list(object_ids))
            if is_out_of_memory(error):
                raise OutOfMemory(f"{type(error).__name__}: {error}") from error
            if is_broken_device(error):
                end_process()
            raise ModelFailed(f"{type(error).__name__}: {error}") from error
        self._measure(self._tracking)
        return result

    def _with_second_chance(self, work: Callable[[RecallingSession], T], tracking: RecallingSession) -> T:
        """Retry once after freeing memory: a prompt or step that ran out of memory has left no trace."""
        try:
            return work(tracking)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            log.warning("memory.short", session_id=self.session_id, error=str(error))
        # Not in the handler: the error's traceback holds the tensors of the first attempt.
        tracking.drop_caches()
        self.make_room()
        free_unused()
        return work(tracking)

    def _measure(self, tracking: RecallingSession) -> None:
        """Summing up a long video's memories takes a millisecond or more, too long to do after every step."""
        if time.monotonic() >= self._next_measure_seconds:
            self._model_bytes = tracking.memory_bytes()
            self._next_measure_seconds = time.monotonic() + _MEASURE_SECONDS
