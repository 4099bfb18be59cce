"""CVAT for video 1.1: `{video}.mp4` and `{video}.xml`, to be loaded into a task made of that video.

CVAT has masks on single frames only: it keeps the first of a track. So every mask is a track of its own, which its next
frame closes, as CVAT itself writes them, and an object's tracks have its number as their `group_id`. A class is a
label; what attributes say of an object stands in each of its masks, as it is on that frame.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMask,
    ExportedMasklet,
    ExportedVideo,
    FrameFiles,
    WrittenObject,
    WrittenVideo,
)
from backend.datasets.formats.parts.run_lengths import box_of, pixels_of
from backend.ontology.schemas import Attribute, AttributeKind

_INPUTS = {
    AttributeKind.choice: "select",
    AttributeKind.number: "number",
    AttributeKind.text: "text",
    AttributeKind.yes_no: "checkbox",
}
_UNSAID = "__undefined__"  # CVAT's own word for a choice that nobody has made
_ANY_NUMBER = ("-1000000000000000", "1000000000000000", "1")  # the least, the greatest, and the step
_NOT_IN_XML = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Cvat:
    """Implements ExportFormat."""

    name = "cvat"
    title = "CVAT for video 1.1 (XML)"
    version = 2
    loses = (
        "CVAT has masks on single frames: those of an object share its group, and absence is not written. "
        "Make the task with the frame step of the export, and with the labels and attributes that stand in the file. "
        "Objects' own names and what is said of frames and videos are in the manifest alone."
    )
    object_ids = "The object's number in its video, which no deletion changes. It is the group_id of its tracks."
    every_frame = True
    frames = (FrameFiles.video, FrameFiles.none)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, ontology: DatasetOntology) -> "CvatWriter":
        return CvatWriter(ontology)


class CvatWriter:
    """Writes each video on its own."""

    def __init__(self, ontology: DatasetOntology) -> None:
        self._ontology = ontology

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        document = ExportedFile(f"{video.code}.xml", "".join(self._document(video)).encode())
        return WrittenVideo(video.code, [*video.frame_files(), document], objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()

    def _document(self, video: ExportedVideo) -> Iterator[str]:
        step = f"step={video.stride}" if video.stride > 1 else ""
        yield (
            '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task>'
            f"<name>{video.code}</name><size>{len(video.frames)}</size><mode>interpolation</mode>"
            f"<start_frame>0</start_frame><stop_frame>{video.num_frames - 1}</stop_frame>"
            f"<frame_filter>{step}</frame_filter>"
            f"<labels>{''.join(self._labels())}</labels>"
            f"<original_size><width>{video.width}</width><height>{video.height}</height></original_size>"
            f"<source>{video.code}.mp4</source></task></meta>\n"
        )
        track_id = 0
        for masklet in video.masklets:
            label = quoteattr(_plain(self._ontology.class_of(masklet.object_class).name))
            for frame in video.frames:
                mask = masklet.masks.get(frame)
                if mask is not None and mask.area > 0:
                    yield f'<track id="{track_id}" label={label} source="manual" group_id="{masklet.number}">\n'
                    yield from _track(mask, video, frame, _said(masklet, frame))
                    yield "</track>\n"
                    track_id += 1
        yield "</annotations>\n"

    def _labels(self) -> Iterator[str]:
        """Every chosen class; all may have all attributes."""
        attributes = "".join(_specification(each) for each in self._ontology.attributes)
        for each in self._ontology.classes:
            color = f"<color>{each.color}</color>" if each.color else ""
            name = escape(_plain(each.name))
            yield f"<label><name>{name}</name>{color}<type>mask</type><attributes>{attributes}</attributes></label>"


def _specification(attribute: Attribute) -> str:
    default, values = "", list[str]()
    match attribute.kind:
        case AttributeKind.choice:
            default, values = _UNSAID, [_UNSAID, *(_plain(choice.name) for choice in attribute.choices)]
        case AttributeKind.number:
            default, values = "0", [*_ANY_NUMBER]
        case AttributeKind.yes_no:
            default, values = "false", ["false"]
        case AttributeKind.text:
            pass
    return (
        f"<attribute><name>{escape(_plain(attribute.name))}</name><mutable>{attribute.changes}</mutable>"
        f"<input_type>{_INPUTS[attribute.kind]}</input_type><default_value>{default}</default_value>"
        f"<values>{escape(chr(10).join(values))}</values></attribute>"
    )


def _said(masklet: ExportedMasklet, frame: int) -> str:
    """What attributes say of an object on a frame. What nobody has said stays out."""
    said = ((each.attribute.name, each.at(frame)) for each in masklet.values)
    return "".join(
        f"<attribute name={quoteattr(_plain(name))}>{escape(_in_words(value))}</attribute>"
        for name, value in said
        if value is not None
    )


def _in_words(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _plain(str(value))


def _plain(text: str) -> str:
    """Without line breaks, which part values in CVAT, and without what XML cannot hold."""
    return _NOT_IN_XML.sub(" ", text)


def _track(mask: ExportedMask, video: ExportedVideo, frame: int, said: str) -> Iterator[str]:
    left, top, width, height = box_of(mask, video)
    crop = pixels_of(mask, video)[top : top + height, left : left + width].ravel()
    edges = np.flatnonzero(np.diff(crop)) + 1
    runs = np.diff(np.concatenate(([0], edges, [crop.size]))).tolist()
    rle = ", ".join(str(run) for run in ([0, *runs] if crop[0] else runs))
    place = f'rle={quoteattr(rle)} left="{left}" top="{top}" width="{width}" height="{height}" z_order="0"'
    yield f'<mask frame="{frame}" keyframe="1" outside="0" occluded="0" {place}>{said}</mask>\n'
    if (closed := frame + video.stride) < video.num_frames:
        yield f'<mask frame="{closed}" keyframe="1" outside="1" occluded="0" {place}>{said}</mask>\n'
