"""The words a column may hold. Stored as text and checked by the database."""

from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Enum


class Role(StrEnum):
    """What a person is in a project; what each may do stands in `backend.auth.authorization`."""

    manager = "manager"
    annotator = "annotator"
    verifier = "verifier"
    viewer = "viewer"


class LinkKind(StrEnum):
    """What a one-time link is good for."""

    administrator = "administrator"  # the first one chooses login and password
    password = "password"  # a new password for somebody who forgot theirs
    invitation = "invitation"


class Phase(StrEnum):
    """Data-engine phase (SAM 2, section 5.1 of the paper)."""

    sam_per_frame = "sam_per_frame"
    sam_plus_sam2_mask = "sam_plus_sam2_mask"
    sam2 = "sam2"


class Origin(StrEnum):
    """Who proposed the masklet: SA-V's `masklet_type`."""

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
    """A propagation's life."""

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
    """How a mask revision came to be."""

    prompted = "prompted"
    propagated = "propagated"
    edited = "edited"
    absent = "absent"
    automatic = "automatic"  # found without anybody asking for this object


class ActionKind(StrEnum):
    """What a person did; the unit of undo."""

    create_masklet = "create_masklet"
    delete_masklet = "delete_masklet"
    prompt = "prompt"
    edit_mask = "edit_mask"
    clear_frame = "clear_frame"
    propagate = "propagate"
    copy = "copy"  # an object as it was selected, given to a participant of a study
    lock_frames = "lock_frames"


class VerdictKind(StrEnum):
    satisfactory = "satisfactory"
    unsatisfactory = "unsatisfactory"
    rejected = "rejected"


class TuningDecision(StrEnum):
    """What a person made of a tuned model."""

    promoted = "promoted"
    declined = "declined"


class ModelChangeKind(StrEnum):
    """How a project came by another model."""

    chosen = "chosen"
    promoted = "promoted"
    rolled_back = "rolled_back"


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
    dropped = "dropped"  # there was nothing left to do


class StudyState(StrEnum):
    draft = "draft"
    running = "running"
    done = "done"


class ActivityKind(StrEnum):
    """What an activity event reports; seconds are derived from these, never sent."""

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
    """A text column that admits only these states (a CHECK, so that adding one is a plain migration)."""
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
