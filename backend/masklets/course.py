"""The course of a masklet as one state machine: whose turn it is, the verdict in force, and the task that follows.

    annotating --submitted--> verifying --satisfactory, rejected--> settled
         ^                     |     ^                                 |
         |        unsatisfactory     submitted, contested, withdrawn   | edited (to verifying)
         |                     v     |                                 |
         |                    refining                                 |
         +--- taken up: edited within the task of the whole video -----+

A masklet that is not settled always has a task that somebody can claim or holds. The three phases take the same course.
A participant's copy in a study leaves it: it has its own task, and nobody judges it. Deleting a masklet, or rejecting
its video, hides it with its tasks where it stands; undo, or taking the video back, brings both back.
"""

from enum import StrEnum

from backend.tables.states import TaskKind, VerdictKind, WorkState


class CourseEvent(StrEnum):
    """What happens to a masklet."""

    submitted = "submitted"  # its annotator has finished
    satisfactory = "satisfactory"
    unsatisfactory = "unsatisfactory"
    rejected = "rejected"
    contested = "contested"  # its annotator disagrees with the verdict
    withdrawn = "withdrawn"  # the verdict was taken back
    edited = "edited"  # outside a task of the whole video
    taken_up = "taken_up"  # edited by whoever holds the task of the whole video, who will submit it


_EACH = {state: state for state in WorkState}
_ALL_TO = {to: dict.fromkeys(WorkState, to) for to in WorkState}

COURSE: dict[CourseEvent, dict[WorkState, WorkState]] = {
    CourseEvent.submitted: _EACH | {WorkState.annotating: WorkState.verifying, WorkState.refining: WorkState.verifying},
    CourseEvent.satisfactory: _ALL_TO[WorkState.settled],
    CourseEvent.unsatisfactory: _ALL_TO[WorkState.refining],
    CourseEvent.rejected: _ALL_TO[WorkState.settled],
    CourseEvent.contested: {WorkState.refining: WorkState.verifying},
    CourseEvent.withdrawn: {WorkState.refining: WorkState.verifying, WorkState.settled: WorkState.verifying},
    CourseEvent.edited: _EACH | {WorkState.settled: WorkState.verifying},
    CourseEvent.taken_up: _EACH | {WorkState.settled: WorkState.annotating, WorkState.verifying: WorkState.annotating},
}
"""The state after an event, by the state before. Where a state is missing, the event cannot happen."""

GIVES = {CourseEvent(kind): kind for kind in VerdictKind}
"""The events that are verdicts. A verdict stays in force until the masks change or the masklet moves on."""

FOLLOWS: dict[WorkState, frozenset[TaskKind]] = {
    WorkState.annotating: frozenset({TaskKind.select, TaskKind.annotate}),  # of the whole video
    WorkState.verifying: frozenset({TaskKind.verify}),
    WorkState.refining: frozenset({TaskKind.refine}),
    WorkState.settled: frozenset(),
}
"""The kinds of task that carry a masklet on from each state."""

WHOLE_VIDEO = FOLLOWS[WorkState.annotating]
"""The kinds of task that are about all objects of a video; the others are about one."""


def verdict_after(event: CourseEvent, before: tuple[WorkState, VerdictKind | None]) -> VerdictKind | None:
    """The verdict in force after an event: a new one, none once the masks changed, else the old while nothing moves."""
    state, verdict = before
    if event in GIVES:
        return GIVES[event]
    if event in (CourseEvent.edited, CourseEvent.taken_up) or COURSE[event][state] is not state:
        return None
    return verdict
