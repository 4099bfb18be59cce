"""The manifest of a dataset: which object is which, what was left out and why, and the digest of every file.

It depends on the content alone, so that equal content gives equal bytes: it knows neither the export nor its day.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backend.datasets.archive import ArchivedFile
from backend.datasets.descriptions import ExportedValues
from backend.datasets.formats.format import ExportedMasklet, ExportedVideo, ExportFormat, WrittenObject, WrittenVideo
from backend.datasets.omissions import Omission
from backend.datasets.spool import Spool, write_document
from backend.ontology.schemas import Ontology

MANIFEST = "manifest.json"
_VERSION = 1  # of the manifest's own form
_COUNTED = ("num_masklets", "num_annotated_frames", "num_masks", "num_absent", "num_unknown")
_LOST = ("num_objects", "num_pixels", "num_masks")
_DECIMALS = 6


@dataclass(slots=True)
class Provenance:
    """Where the content comes from. `changed_at` is when its newest mask was made."""

    project: Mapping[str, str]
    settings: Mapping[str, Any]
    models: Sequence[Mapping[str, str | None]] = ()
    changed_at: datetime | None = None
    ontology: Ontology = field(default_factory=Ontology)


@dataclass(slots=True)
class Totals:
    """Counts of what was written and of what was not, for the report."""

    num_videos: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    lost: Counter[str] = field(default_factory=Counter[str])
    lowest_iou: float = 1.0
    left_out: Counter[str] = field(default_factory=Counter[str])

    def add_object(self, lost: Mapping[str, Any]) -> None:
        """Note what the files could not hold of an object."""
        self.lost.update({"num_objects": 1, "num_pixels": lost["num_pixels"], "num_masks": lost["num_masks"]})
        self.lowest_iou = min(self.lowest_iou, lost.get("lowest_iou", 1.0))

    def report(self) -> dict[str, Any]:
        return {
            "num_videos": self.num_videos,
            **{name: self.counts[name] for name in _COUNTED},
            "lost": {**{name: self.lost[name] for name in _LOST}, "lowest_iou": self.lowest_iou},
            "left_out": dict(sorted(self.left_out.items())),
        }


class Manifest:
    """A manifest that grows with the dataset, in files of the folder."""

    def __init__(self, folder: Path) -> None:
        self.totals = Totals()
        self._path = folder / MANIFEST
        self._videos = Spool(folder / "videos.spool")
        self._left_out = Spool(folder / "left_out.spool")
        self._files = Spool(folder / "files.spool")

    def add_video(self, video: ExportedVideo, written: WrittenVideo) -> None:
        """Note a video whose files have been read."""
        kept = [masklet for masklet in video.masklets if masklet.id not in written.left_out]
        counts = counts_of(replace(video, masklets=kept))
        self.totals.num_videos += 1
        self.totals.counts.update(counts)
        objects = [_object(video, masklet, written) for masklet in kept]
        for lost in (each["lost"] for each in objects if "lost" in each):
            self.totals.add_object(lost)
        self._videos.add(
            {
                "id": written.id,
                "uuid": str(video.id),
                "name": video.name,
                "num_frames": video.num_frames,
                "fps": {"num": video.fps_num, "den": video.fps_den},
                "width": video.width,
                "height": video.height,
                "frame_step": video.stride,
                "split": video.split,
                "attributes": _attributes(video.values),
                **counts,
                **written.report,
                "objects": objects,
            }
        )
        for masklet in video.masklets:
            if (reason := written.left_out.get(masklet.id)) is not None:
                self.add_omission(Omission.of_masklet(video.id, masklet, reason))

    def add_omission(self, omission: Omission) -> None:
        """Note something that was left out."""
        self.totals.left_out[omission.reason] += 1
        self._left_out.add(omission.entry())

    def add_file(self, file: ArchivedFile) -> None:
        self._files.add(asdict(file))

    def written(self, form: ExportFormat, provenance: Provenance) -> Path:
        """Write the manifest. Nothing can be added afterwards."""
        changed_at = provenance.changed_at
        head = {
            "manifest": _VERSION,
            "tool": {"name": "Maskloom", "version": version("maskloom")},
            "format": {
                "name": form.name,
                "title": form.title,
                "version": form.version,
                "loses": form.loses,
                "object_ids": form.object_ids,
            },
            "project": provenance.project,
            "settings": provenance.settings,
            "changed_at": None if changed_at is None else changed_at.astimezone(UTC).isoformat(),
            "models": provenance.models,
            "ontology": provenance.ontology.model_dump(mode="json"),
            "report": self.totals.report(),
        }
        spools = {"videos": self._videos, "left_out": self._left_out, "files": self._files}
        return write_document(self._path, head, spools)


def _object(video: ExportedVideo, masklet: ExportedMasklet, written: WrittenVideo) -> dict[str, Any]:
    in_files, said = written.objects[masklet.id], masklet.object_class
    visible = [frame for frame in video.frames if (mask := masklet.masks.get(frame)) is not None and mask.area > 0]
    entry: dict[str, Any] = {
        "id": in_files.id,
        "uuid": str(masklet.id),
        "number": masklet.number,
        "name": masklet.name,
        "class": None if said is None else {"id": str(said.id), "name": said.name},
        "attributes": _attributes(masklet.values),
        "origin": str(masklet.origin),
        "first_frame": visible[0] if visible else None,
        "last_frame": visible[-1] if visible else None,
        "num_masks": len(visible),
    }
    if unknown := stretches([frame for frame in video.frames if frame not in masklet.masks], step=video.stride):
        entry["unknown_frames"] = unknown
    if in_files.file is not None:
        entry["file"] = in_files.file
    if in_files.num_pixels_lost or min(in_files.ious, default=1.0) < 1:
        entry["lost"] = _lost(in_files)
    return entry


def _attributes(said: Sequence[ExportedValues]) -> list[dict[str, Any]]:
    """Each value with the frame of the video from which on it holds."""
    return [
        {
            "id": str(each.attribute.id),
            "name": each.attribute.name,
            "values": [[frame, value] for frame, value in each.by_frame.items()],
        }
        for each in said
    ]


def _lost(in_files: WrittenObject) -> dict[str, Any]:
    lost: dict[str, Any] = {"num_pixels": in_files.num_pixels_lost, "num_masks": in_files.num_masks_lost}
    if in_files.ious:
        mean, lowest = sum(in_files.ious) / len(in_files.ious), min(in_files.ious)
        lost |= {"mean_iou": _rounded_down(mean), "lowest_iou": _rounded_down(lowest)}
    return lost


def _rounded_down(iou: float) -> float:
    """So that no loss becomes 1 by rounding."""
    return math.floor(iou * 10**_DECIMALS) / 10**_DECIMALS


def stretches(frames: Sequence[int], *, step: int) -> list[list[int]]:
    """Rising frames as the first and last of each stretch without a gap."""
    found: list[list[int]] = []
    for frame in frames:
        if found and found[-1][1] == frame - step:
            found[-1][1] = frame
        else:
            found.append([frame, frame])
    return found


def counts_of(video: ExportedVideo) -> dict[str, int]:
    """Counts on the frames of the dataset. An unknown mask is one that was never made."""
    masks = [masklet.masks.get(frame) for masklet in video.masklets for frame in video.frames]
    return {
        "num_masklets": len(video.masklets),
        "num_annotated_frames": len(video.frames),
        "num_masks": sum(mask is not None and mask.area > 0 for mask in masks),
        "num_absent": sum(mask is not None and mask.area == 0 for mask in masks),
        "num_unknown": sum(mask is None for mask in masks),
    }
