"""Drop from requests what rows of their own hold as well: drawn masks, prompts, and the objects of propagations."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from pycocotools import mask as coco

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BATCH = 500
_DRAWN = """
    SELECT "order", actions.id, request #> '{body,mask,size}', request #>> '{body,mask,counts}', frame_masks.counts
    FROM actions JOIN frame_masks ON frame_masks.action_id = actions.id
    WHERE kind = 'edit_mask' AND request #> '{body,mask,counts}' IS NOT NULL AND "order" > :after
    ORDER BY "order" LIMIT :batch
"""
_ASKED = """
    UPDATE actions SET request = request #- '{body,clicks}' #- '{body,box}' #- '{body,candidate}'
    FROM prompt_sets
    WHERE prompt_sets.action_id = actions.id AND kind = 'prompt'
    AND request #> '{body,clicks}' = clicks
    AND coalesce(request #> '{body,box}', 'null') = coalesce(box, 'null')
    AND coalesce(request #> '{body,candidate}', 'null') = coalesce(to_jsonb(prompt_sets.candidate), 'null')
"""
_CARRIED = """
    UPDATE actions SET request = jsonb_set(request, '{body}', '{}')
    FROM runs
    WHERE runs.action_id = actions.id AND kind = 'propagate'
    AND NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(request #> '{body,masklet_ids}') AS asked
        WHERE NOT asked::uuid = ANY (runs.masklet_ids) AND NOT runs.left_out ? asked
    )
"""
_ASKED_AGAIN = """
    UPDATE actions SET request = jsonb_set(request, '{body}', jsonb_build_object(
        'clicks', clicks, 'box', box, 'candidate', prompt_sets.candidate
    ))
    FROM prompt_sets WHERE prompt_sets.action_id = actions.id AND kind = 'prompt'
"""


def upgrade() -> None:
    database, after = op.get_bind(), 0
    while rows := database.execute(sa.text(_DRAWN), {"after": after, "batch": _BATCH}).all():
        twice = [action_id for _order, action_id, *masks in rows if _same(*masks)]
        strip = sa.text("UPDATE actions SET request = request #- '{body,mask}' WHERE id = ANY (:twice)")
        database.execute(strip, {"twice": twice})
        after = rows[-1][0]
    op.execute(_ASKED)
    op.execute(_CARRIED)


def downgrade() -> None:
    op.execute(_ASKED_AGAIN)  # earlier versions ask the model with it; they never read the rest


def _same(size: list[int], received: str, stored: bytes) -> bool:
    """Whether two COCO run lengths are of the same mask, though one of them may not be in canonical form."""
    if received.encode() == stored:
        return True
    one, other = [{"size": size, "counts": counts} for counts in (received.encode(), stored)]
    pair: Any = coco
    return bool(pair.area(one) == pair.area(other) == pair.area(pair.merge([one, other], intersect=True)))
