"""How one object is annotated in each phase of the data engine (SAM 2, section 5.1).

In all phases a frame is worked on by the same rule: click until the mask is good, and where clicks do not help, draw.
So the masks are about equally good in the end, and what differs is the time.
"""

from collections.abc import Callable, Mapping, Sequence

from backend.simulation.masklet import Mask
from backend.simulation.person import BAD_IOU, SimulatedPerson, iou
from backend.tables.states import Phase

Truths = Mapping[int, Mask]
Protocol = Callable[[SimulatedPerson, Truths], None]
"""Annotates all frames of the truths, of which the first shows the object."""


def every_frame_by_itself(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 1."""
    for frame in sorted(truths):
        person.browser.key()
        person.browser.show(frame)
        _work_on(person, frame, truths[frame], shown=None)


def new_masks_from_scratch(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 2: what tracking left on a frame is replaced, never refined."""
    _carry_and_correct(person, truths, refines=False)


def refining_clicks(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 3."""
    _carry_and_correct(person, truths, refines=True)


PROTOCOLS: Mapping[Phase, Protocol] = {
    Phase.sam_per_frame: every_frame_by_itself,
    Phase.sam_plus_sam2_mask: new_masks_from_scratch,
    Phase.sam2: refining_clicks,
}


def _carry_and_correct(person: SimulatedPerson, truths: Truths, *, refines: bool) -> None:
    """The paper's online protocol: go through the video once, stop where the mask has become bad, correct, carry on.

    The mask is carried to the end from every corrected frame, so what lies ahead is always the best there is.
    """
    frames = sorted(truths)
    for frame in person.look(frames):
        shown = person.masklet.mask(frame)
        if shown is not None and iou(truths[frame], shown) >= BAD_IOU:
            continue
        _work_on(person, frame, truths[frame], shown=shown if refines else None)
        if frame != frames[-1]:
            person.propagate(frame, frames[-1])


def _work_on(person: SimulatedPerson, frame: int, truth: Mask, *, shown: Mask | None) -> None:
    person.find()
    if not truth.any():
        person.mark_absent(frame)
        return
    if iou(truth, person.click_until_good(frame, truth, shown)) < BAD_IOU:
        person.brush(frame, truth)


def span(truths: Sequence[tuple[int, Mask]]) -> Truths:
    """From the first frame that shows the object on; empty where none does."""
    first = next((index for index, (_, mask) in enumerate(truths) if mask.any()), len(truths))
    return dict(truths[first:])
