"""The annotation protocol of each phase of the data engine (SAM 2, section 5.1).

In all phases a frame is annotated by the same rule: click until the mask is good, and draw where clicks do not help. So
the final masks are about equally good, and only the time differs.
"""

from collections.abc import Callable, Mapping, Sequence

from backend.simulation.masklet import Mask
from backend.simulation.person import BAD_IOU, SimulatedPerson, iou
from backend.tables.states import Phase

Truths = Mapping[int, Mask]
Protocol = Callable[[SimulatedPerson, Truths], None]
"""Annotates all frames of the truths. The object is visible in the first one."""


def every_frame_by_itself(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 1: every frame is annotated on its own."""
    for frame in sorted(truths):
        person.browser.key()
        person.browser.show(frame)
        _work_on(person, frame, truths[frame], tracked=None)


def new_masks_from_scratch(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 2: a tracked mask is replaced, never refined."""
    _carry_and_correct(person, truths, refines=False)


def refining_clicks(person: SimulatedPerson, truths: Truths) -> None:
    """Phase 3: clicks refine the tracked mask."""
    _carry_and_correct(person, truths, refines=True)


PROTOCOLS: Mapping[Phase, Protocol] = {
    Phase.sam_per_frame: every_frame_by_itself,
    Phase.sam_plus_sam2_mask: new_masks_from_scratch,
    Phase.sam2: refining_clicks,
}


def _carry_and_correct(person: SimulatedPerson, truths: Truths, *, refines: bool) -> None:
    """The paper's online protocol: go through the video once, and correct the mask where it has become bad.

    Every corrected mask is propagated to the end, so that the frames ahead always have the best masks so far.
    """
    frames = sorted(truths)
    for frame in person.look(frames):
        shown = person.masklet.mask(frame)
        if shown is not None and iou(truths[frame], shown) >= BAD_IOU:
            continue
        _work_on(person, frame, truths[frame], tracked=shown if refines else None)
        if frame != frames[-1]:
            person.propagate(frame, frames[-1])


def _work_on(person: SimulatedPerson, frame: int, truth: Mask, *, tracked: Mask | None) -> None:
    person.find()
    if not truth.any():
        person.mark_absent(frame)
        return
    if iou(truth, person.click_until_good(frame, truth, tracked)) < BAD_IOU:
        person.brush(frame, truth)


def span(truths: Sequence[tuple[int, Mask]]) -> Truths:
    """The truths from the first frame in which the object is visible; empty if it never is."""
    first = next((index for index, (_, mask) in enumerate(truths) if mask.any()), len(truths))
    return dict(truths[first:])
