"""What a dataset leaves out, one by one, with the reason."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.datasets.formats.format import ExportedMasklet
from backend.tables import Masklet, Video


@dataclass(frozen=True, slots=True)
class Omission:
    """A video or a masklet that was left out. The reason is a plural noun with underscores, as reports count them."""

    video_id: UUID
    reason: str
    name: str
    masklet_id: UUID | None = None
    number: int | None = None

    @classmethod
    def of_video(cls, video: Video, reason: str) -> "Omission":
        return cls(video.id, reason, video.name)

    @classmethod
    def of_masklet(cls, video_id: UUID, masklet: Masklet | ExportedMasklet, reason: str) -> "Omission":
        return cls(video_id, reason, masklet.name, masklet.id, masklet.number)

    def entry(self) -> dict[str, Any]:
        """What the manifest says of it."""
        if self.masklet_id is None:
            return {"video": str(self.video_id), "name": self.name, "reason": self.reason}
        return {
            "video": str(self.video_id),
            "uuid": str(self.masklet_id),
            "number": self.number,
            "name": self.name,
            "reason": self.reason,
        }
