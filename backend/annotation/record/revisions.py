"""Masks as rows of `frame_masks`. Revisions are appended and never changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.masks import CheckedMask
from backend.tables import Action, FrameMask, Masklet
from backend.tables.states import MaskSource
from model_server.contract.masks import MaskResult


@dataclass(frozen=True, slots=True)
class ModelMask:
    """A mask from the model, with the result it came in."""

    mask: CheckedMask
    result: MaskResult
    built_on: int | None = None
    """The checksum (`frame_queries.drawn_checksums`) of what it was propagated from."""


def mask_values(
    action: Action, masklet: Masklet, frame_index: int, mask: CheckedMask, source: MaskSource
) -> dict[str, Any]:
    """A new revision as a row of `frame_masks`."""
    x, y, width, height = mask.box or (None, None, None, None)
    return {
        "id": uuid4(),
        "masklet_id": masklet.id,
        "frame_index": frame_index,
        "counts": mask.counts,
        "area": mask.area,
        "box_x": x,
        "box_y": y,
        "box_width": width,
        "box_height": height,
        "source": source,
        "phase": masklet.phase,
        "action_id": action.id,
        "created_by": action.actor_id,
    }


def model_mask_values(
    action: Action, masklet: Masklet, made: ModelMask, source: MaskSource, *, run_id: UUID | None = None
) -> dict[str, Any]:
    """A mask from the model as a row of `frame_masks`, with its scores."""
    return mask_values(action, masklet, made.result.frame_index, made.mask, source) | {
        "predicted_iou": made.result.predicted_iou,
        "object_score": made.result.object_score,
        "stability": made.result.stability,
        "candidate": made.result.candidate,
        "model_version": made.result.model_version,
        "run_id": run_id,
        "built_on": made.built_on,
    }


async def add_mask(session: AsyncSession, values: dict[str, Any]) -> UUID:
    """Store one revision and return its id."""
    mask = FrameMask(**values)
    session.add(mask)
    await session.flush()
    return mask.id
