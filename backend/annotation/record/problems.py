"""Problems of annotation requests."""

from backend.problems import MaskloomError, NotFound


class FrameOutOfRange(MaskloomError):
    """The video has no such frame, or the range is empty."""

    status = 422
    title = "The video has no such frame"
    slug = "frame-out-of-range"


class EmptyPrompts(MaskloomError):
    """A prompt set needs a click or a box; to remove prompts, clear the frame."""

    status = 422
    title = "There is nothing to ask"
    slug = "empty-prompts"


class FrameLocked(MaskloomError):
    """The frame is locked: unlock it first."""

    status = 409
    title = "The frame is locked"
    slug = "frame-locked"


class BadMask(MaskloomError):
    """The mask is not a COCO run-length encoding of one whole frame of the video."""

    status = 422
    title = "The mask does not fit the video"
    slug = "bad-mask"


class MaskPending(MaskloomError):
    """A frame cannot be locked while its prompt waits for a mask."""

    status = 409
    title = "The frame still waits for its mask"
    slug = "mask-pending"


class PropagationRunning(MaskloomError):
    """One of the masklets is already being propagated."""

    status = 409
    title = "A propagation is running"
    slug = "propagation-running"


class NothingToPropagate(MaskloomError):
    """One of the masklets has no conditioning frame to propagate from."""

    status = 409
    title = "There is nothing to propagate"
    slug = "nothing-to-propagate"


class RunNotFound(NotFound):
    """There is no such propagation."""

    slug = "run-not-found"


class NotTheLatestAction(MaskloomError):
    """Undo and redo are one's own, go step by step, and stop at submissions, verdicts and others' later changes."""

    status = 409
    title = "That step cannot be undone or redone now"
    slug = "not-the-latest-action"


class TaskIsOneFrame(MaskloomError):
    """A select task outlines objects on one frame; propagating them is the annotator's task."""

    status = 409
    title = "Selecting does not propagate"
    slug = "task-is-one-frame"


class PointOutsideVideo(MaskloomError):
    """A click or a corner of the box lies outside the video."""

    status = 422
    title = "A point lies outside the video"
    slug = "point-outside-video"
