"""Why an annotation request is refused."""

from backend.problems import MaskloomError, NotFound


class FrameOutOfRange(MaskloomError):
    """The video has no such frame, or the range is not one."""

    status = 422
    title = "The video has no such frame"
    slug = "frame-out-of-range"


class EmptyPrompts(MaskloomError):
    """A prompt set needs a click or a box; clearing the frame takes prompts back."""

    status = 422
    title = "There is nothing to ask"
    slug = "empty-prompts"


class FrameLocked(MaskloomError):
    """The frame is locked: unlock it first."""

    status = 409
    title = "The frame is locked"
    slug = "frame-locked"


class MaskPending(MaskloomError):
    """A frame whose prompt still waits for its mask cannot be locked yet."""

    status = 409
    title = "The frame still waits for its mask"
    slug = "mask-pending"


class PropagationRunning(MaskloomError):
    """One of the masklets is already being propagated."""

    status = 409
    title = "A propagation is running"
    slug = "propagation-running"


class NothingToPropagate(MaskloomError):
    """One of the masklets has no frame that a person prompted or drew."""

    status = 409
    title = "There is nothing to propagate"
    slug = "nothing-to-propagate"


class RunNotFound(NotFound):
    """There is no such propagation."""

    slug = "run-not-found"


class NotTheLatestAction(MaskloomError):
    """Only the latest action can be undone, and only the earliest undone one redone."""

    status = 409
    title = "That is not the latest action"
    slug = "not-the-latest-action"


class TaskIsOneFrame(MaskloomError):
    """A select task outlines objects on one frame; carrying them through the video is the annotator's task."""

    status = 409
    title = "Selecting does not propagate"
    slug = "task-is-one-frame"


class PointOutsideVideo(MaskloomError):
    """A click or a corner of the box lies outside the video."""

    status = 422
    title = "A point lies outside the video"
    slug = "point-outside-video"
