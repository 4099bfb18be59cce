"""The words that columns may contain, stored as text and checked by the database."""

from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Enum


class Role(StrEnum):
    """A person's role in a project. `backend.auth.permissions` lists the permissions of each role."""

    manager = "manager"
    annotator = "annotator"
    verifier = "verifier"
    viewer = "viewer"


class LinkKind(StrEnum):
    """What a one-time link does."""

    administrator = "administrator"  # lets the first administrator choose login and password
    password = "password"  # sets a new password
    invitation = "invitation"


class Phase(StrEnum):
    """A phase of the data engine (SAM 2, section 5.1)."""

    sam_per_frame = "sam_per_frame"
    sam_plus_sam2_mask = "sam_plus_sam2_mask"
    sam2 = "sam2"


class Origin(StrEnum):
    """Whether a person or the model began a masklet: SA-V's `masklet_type`."""

    manual = "manual"
    auto = "auto"


class VideoState(StrEnum):
    ingesting = "ingesting"
    ready = "ready"
    failed = "failed"


class JobState(StrEnum):
    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"


class RunState(StrEnum):
    """The state of a propagation."""

    queued = "queued"
    running = "running"
    done = "done"
    cancelled = "cancelled"
    failed = "failed"


class Direction(StrEnum):
    forward = "forward"
    backward = "backward"
    both = "both"


class MaskSource(StrEnum):
    """How a mask was made."""

    prompted = "prompted"
    propagated = "propagated"
    edited = "edited"
    absent = "absent"
    automatic = "automatic"  # found by a search for automatic masklets
    imported = "imported"  # read from a dataset that was made elsewhere


MADE_HERE_BY_NOBODY = (MaskSource.propagated, MaskSource.automatic, MaskSource.imported)
"""The sources of masks that nobody made in this Maskloom: they are no annotation work."""


class ActionKind(StrEnum):
    """The kinds of actions."""

    create_masklet = "create_masklet"
    delete_masklet = "delete_masklet"
    prompt = "prompt"
    edit_mask = "edit_mask"
    clear_frame = "clear_frame"
    propagate = "propagate"
    copy = "copy"  # of a selected object, for a participant of a study
    lock_frames = "lock_frames"
    import_masklet = "import_masklet"  # with all its masks, from a dataset
    describe = "describe"  # an object, by class and attributes


CHANGES_NO_MASK = (ActionKind.lock_frames, ActionKind.describe)
"""After these, masks and verdicts stay as they are."""


class VerdictKind(StrEnum):
    satisfactory = "satisfactory"
    unsatisfactory = "unsatisfactory"
    rejected = "rejected"


class TuningDecision(StrEnum):
    """A person's decision on a tuned model."""

    promoted = "promoted"
    declined = "declined"


class ModelChangeKind(StrEnum):
    """How a project's model changed."""

    chosen = "chosen"
    promoted = "promoted"
    rolled_back = "rolled_back"


class WorkState(StrEnum):
    """Whose turn it is with a masklet. `backend.masklets.course` says how it moves on."""

    annotating = "annotating"  # not submitted: the work of the video's task
    verifying = "verifying"  # submitted, or found automatically: waits for a verdict
    refining = "refining"  # unsatisfactory: back with an annotator
    settled = "settled"  # satisfactory or rejected


class TaskKind(StrEnum):
    select = "select"
    annotate = "annotate"
    refine = "refine"
    verify = "verify"


class TaskState(StrEnum):
    open = "open"
    claimed = "claimed"
    done = "done"


class TaskOutcome(StrEnum):
    """How a task ended."""

    submitted = "submitted"
    rejected = "rejected"  # the video, with a reason
    contested = "contested"  # the annotator disagrees with the verdict, with a reason
    dropped = "dropped"  # nothing was left to do


class ImportState(StrEnum):
    """How far the import of a dataset is."""

    received = "received"  # it is being read
    ready = "ready"  # a person looks at what it would make
    writing = "writing"
    done = "done"
    undone = "undone"
    failed = "failed"  # it cannot be read


class WebhookPause(StrEnum):
    """Why a webhook is told nothing."""

    by_hand = "by_hand"
    failing = "failing"  # it was not reached for long
    maker_left = "maker_left"  # who answers for it no longer manages the project


class DeliveryState(StrEnum):
    """How far a webhook's delivery is."""

    waiting = "waiting"  # for its first or next try
    delivered = "delivered"
    failed = "failed"  # after the last try


class StudyState(StrEnum):
    draft = "draft"
    running = "running"
    done = "done"


class ActivityKind(StrEnum):
    """What an activity event reports. Seconds are derived from events and never sent."""

    open = "open"
    close = "close"
    focus = "focus"
    blur = "blur"
    heartbeat = "heartbeat"
    input = "input"
    wait_begin = "wait_begin"
    wait_end = "wait_end"
    edit = "edit"
    play = "play"
    step = "step"


State = TypeVar("State", bound=StrEnum)


def state_type(states: type[State]) -> Enum:
    """A text column that admits only these states, by a CHECK, so that adding one is a plain migration."""
    return Enum(
        states,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=states.__name__.lower(),
        values_callable=_values,
    )


def _values(states: type[StrEnum]) -> list[str]:
    return [state.value for state in states]
