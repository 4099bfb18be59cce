"""Stored masks in the form from which the model server restores an object."""

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping

from model_server.contract.masks import EncodedMask
from model_server.contract.sessions import ConditioningSeed, TrackedSeed

_CERTAIN = 10.0  # object score (a logit) of a mask drawn by hand, which has none from a model

Refined = Mapping[int, bytes | None]
"""Frames whose mask answers prompts, and the COCO counts of the mask they refine; None if they began without one."""


def conditioning_seeds(
    rows: Sequence[RowMapping], size: tuple[int, int], refined: Refined | None
) -> tuple[ConditioningSeed, ...]:
    """The conditioning frames among rows of `known_masks`. `size` is the video's (height, width).

    `refined` is None in a phase without refinement: there, every conditioning mask was remembered as a mask prompt.
    """
    return tuple(_conditioning_seed(row, size, refined) for row in rows if row["conditioning"])


def tracked_seeds(rows: Sequence[RowMapping], size: tuple[int, int]) -> tuple[TrackedSeed, ...]:
    """The frames among rows of `known_masks` whose mask came from propagation."""
    return tuple(
        TrackedSeed.model_construct(
            frame_index=row["frame_index"], mask=_mask(row["counts"], size), object_score=_score(row)
        )
        for row in rows
        if not row["conditioning"]
    )


def _conditioning_seed(row: RowMapping, size: tuple[int, int], refined: Refined | None) -> ConditioningSeed:
    frame_index, mask = row["frame_index"], _mask(row["counts"], size)
    if refined is None:
        return ConditioningSeed.model_construct(
            frame_index=frame_index,
            prompt=None,
            mask=mask,
            object_score=_given_score(row),
            answers_prompts=False,
            base=None,
        )
    base = refined.get(frame_index)
    return ConditioningSeed.model_construct(
        frame_index=frame_index,
        prompt=None,
        mask=mask,
        object_score=_score(row),
        answers_prompts=frame_index in refined,
        base=None if base is None else _mask(base, size),
    )


def _mask(counts: bytes, size: tuple[int, int]) -> EncodedMask:
    return EncodedMask.model_construct(size=size, counts=counts.decode("ascii"))


def _score(row: RowMapping) -> float:
    if row["object_score"] is not None:
        return row["object_score"]
    return _given_score(row)


def _given_score(row: RowMapping) -> float:
    return _CERTAIN if row["area"] else -_CERTAIN
