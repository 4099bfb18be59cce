"""The risk that a masklet is wrong, by which the review queue is sorted."""

from backend.review.queries import Quality

_GOOD_IOU = 0.9
_POOR_IOU = 0.5


def risk(quality: Quality, *, num_frames: int) -> float:
    """0 to 1. Unknown frames, a low mean or lowest predicted IoU, and few frames edited by a person raise it.

    The weights are a judgement, not a fit: there are no verdicts to fit them to yet.
    """
    unknown = 1 - quality.num_known / num_frames
    mean = _doubt(quality.mean_predicted_iou)
    worst = _doubt(quality.lowest_predicted_iou)
    unseen = 1 - quality.num_drawn / quality.num_known if quality.num_known else 1.0
    return round(0.35 * unknown + 0.3 * mean + 0.25 * worst + 0.1 * unseen, 4)


def _doubt(predicted_iou: float | None) -> float:
    """0 at a good predicted IoU, 1 at a poor one. A mask without one was drawn by a person: 0."""
    if predicted_iou is None:
        return 0.0
    return min(max((_GOOD_IOU - predicted_iou) / (_GOOD_IOU - _POOR_IOU), 0.0), 1.0)
