"""The table of videos."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Seq, Table, UuidKey
from backend.tables.states import VideoState, state_type


class Video(Table):
    """An upload and its video of record. Sizes and counts are null until ingest is done."""

    __tablename__ = "videos"
    __table_args__ = (
        CheckConstraint(
            "state <> 'ready' OR (width > 0 AND height > 0 AND num_frames > 0 AND proxy_key IS NOT NULL)",
            name="ready_is_complete",
        ),
        Index("ix_videos_project_created", "project_id", "created_at", "id"),
    )

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    state: Mapped[VideoState] = mapped_column(state_type(VideoState), default=VideoState.ingesting)
    problem: Mapped[dict[str, Any] | None]
    warnings: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    source_key: Mapped[str | None]
    source_sha256: Mapped[str | None]
    source_bytes: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[dict[str, Any] | None]  # facts from the probe: container, codec, size, rotation, rate
    recipe: Mapped[int | None]  # the version of the transcoder that made the proxy
    proxy_key: Mapped[str | None]
    proxy_sha256: Mapped[str | None]
    poster_key: Mapped[str | None]
    filmstrip_key: Mapped[str | None]
    filmstrip: Mapped[dict[str, Any] | None]  # tile size, columns and frame indices
    frame_table_key: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    num_frames: Mapped[int | None]
    fps_num: Mapped[int | None]
    fps_den: Mapped[int | None]
    rejected_reason: Mapped[str | None]  # if set, the video is not annotated or exported
    environment: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # by id, then by frame
    split: Mapped[str | None]  # set by a person; null: it follows from the source
    split_source: Mapped[str | None]  # author, location or recording; its videos stay on one side of a split
    stride: Mapped[int]
    seq: Mapped[Seq]  # the last sequence number given out for this video
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
