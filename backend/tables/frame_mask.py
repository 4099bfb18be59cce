"""The table of masks, which never change once they are stored."""

from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import MaskSource, Phase, state_type


class FrameMask(Table):
    """One revision of a masklet's mask on one frame. It never changes, and undo does not delete it; compaction does.

    Hash-partitioned by masklet (the migration makes the partitions), so the key includes the masklet.
    """

    __tablename__ = "frame_masks"
    __table_args__ = (
        CheckConstraint("frame_index >= 0", name="frame_index_not_negative"),
        CheckConstraint("area >= 0", name="area_not_negative"),
        CheckConstraint("candidate BETWEEN 0 AND 2", name="candidate_is_a_reading"),
        {"postgresql_partition_by": "HASH (masklet_id)"},
    )

    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    frame_index: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger, Identity(), index=True)  # rises with every stored mask
    counts: Mapped[bytes] = mapped_column(LargeBinary)  # COCO compressed RLE of the whole frame
    area: Mapped[int]
    box_x: Mapped[int | None]
    box_y: Mapped[int | None]
    box_width: Mapped[int | None]
    box_height: Mapped[int | None]
    source: Mapped[MaskSource] = mapped_column(state_type(MaskSource))
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    predicted_iou: Mapped[float | None]
    object_score: Mapped[float | None]  # logit, positive = visible
    stability: Mapped[float | None]
    candidate: Mapped[int | None] = mapped_column(SmallInteger)  # which of the model's three candidates this is
    model_version: Mapped[str | None]
    built_on: Mapped[int | None] = mapped_column(BigInteger)  # of a propagated mask: the checksum of what it came from
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id"), index=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
