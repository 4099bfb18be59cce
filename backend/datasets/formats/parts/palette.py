"""Frames painted as palette pictures, in which the value of a pixel is an object's id and 0 is the background.

A pixel holds one object, so the order matters where objects overlap. What is covered is counted for each object.
"""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMask,
    ExportedMasklet,
    ExportedVideo,
    Overlaps,
    WrittenObject,
)
from backend.datasets.formats.parts.run_lengths import pixels_of
from backend.datasets.problems import OverlappingObjects

MAX_OBJECTS = 255
LOSES = (
    "A pixel holds one object, so where objects overlap one covers the other; "
    "a video holds at most 255 objects, and untracked frames look absent"
)
IDS_RULE = (
    "The object's number in its video, which no deletion changes. Only an object numbered above 255, which no pixel "
    "can hold, gets the lowest id that is free: that one may change."
)


class PalettePainter:
    """Paints the frames of one video. `objects` and `frames` tell what can be seen in what was painted so far."""

    def __init__(self, video: ExportedVideo) -> None:
        self._video = video
        ids = ids_of(video)
        self.masklets = sorted((each for each in video.masklets if each.id in ids), key=lambda each: each.number)
        self.objects = {masklet.id: WrittenObject(ids[masklet.id]) for masklet in self.masklets}
        self.frames: dict[int, list[int]] = {each.id: [] for each in self.objects.values()}
        self.left_out = {each.id: "masklets_beyond_255_in_a_video" for each in video.masklets if each.id not in ids}

    def files(self, folder: str) -> Iterator[ExportedFile]:
        """A PNG for each frame of the dataset."""
        for frame in self._video.frames:
            yield ExportedFile(f"{folder}/{self._video.code}/{frame:05d}.png", self._paint(frame))

    def _paint(self, frame: int) -> bytes:
        video = self._video
        canvas = np.zeros((video.height, video.width), np.uint8)
        areas: dict[int, tuple[WrittenObject, int]] = {}
        for masklet, mask in self._from_below(frame):
            of_masklet, pixels = self.objects[masklet.id], pixels_of(mask, video)
            if video.overlaps is Overlaps.refuse and (covered := canvas[pixels]).any():
                self._refuse(frame, masklet, covered)
            canvas[pixels] = of_masklet.id
            areas[of_masklet.id] = (of_masklet, mask.area)
        left = np.bincount(canvas.ravel(), minlength=MAX_OBJECTS + 1)
        for object_id, (of_masklet, area) in areas.items():
            of_masklet.num_pixels_lost += area - int(left[object_id])
            if left[object_id]:
                self.frames[object_id].append(frame)
            else:
                of_masklet.num_masks_lost += 1
        return _png(canvas)

    def _refuse(self, frame: int, masklet: ExportedMasklet, covered: NDArray[np.uint8]) -> None:
        """Say which objects overlap. `covered` are the ids below the masklet's pixels."""
        below = next(each for each in self.masklets if self.objects[each.id].id == covered.max())
        shared = int((covered == covered.max()).sum())
        raise OverlappingObjects(
            f"{self._video.name}, frame {frame}: {below.name} (object {below.number}) and {masklet.name} "
            f"(object {masklet.number}) share {shared} pixels."
        )

    def _from_below(self, frame: int) -> list[tuple[ExportedMasklet, ExportedMask]]:
        """The visible objects in the order in which they are painted."""
        masks = [(masklet, masklet.masks.get(frame)) for masklet in self.masklets]
        visible = [(masklet, mask) for masklet, mask in masks if mask is not None and mask.area > 0]
        if self._video.overlaps is Overlaps.earlier_on_top:
            return visible[::-1]
        if self._video.overlaps is Overlaps.smaller_on_top:
            return sorted(visible, key=lambda each: -each[1].area)
        return visible


def ids_of(video: ExportedVideo) -> dict[object, int]:
    """Ids from 1 to 255 by masklet: its number where that fits, or else the lowest free id while there is one."""
    ids: dict[object, int] = {each.id: each.number for each in video.masklets if each.number <= MAX_OBJECTS}
    free = (value for value in range(1, MAX_OBJECTS + 1) if value not in set(ids.values()))
    beyond = sorted((each for each in video.masklets if each.number > MAX_OBJECTS), key=lambda each: each.number)
    return ids | {masklet.id: value for masklet, value in zip(beyond, list(free), strict=False)}


def voc_palette() -> bytes:
    """PASCAL VOC's 256 colors as RGB, which DAVIS uses: the bits of an index, dealt out from each channel's highest."""
    index = np.arange(256)
    channels = [
        sum(((index >> (3 * place + channel)) & 1) << (7 - place) for place in range(8)) for channel in range(3)
    ]
    return np.stack(channels, axis=1).astype(np.uint8).tobytes()


_PALETTE = voc_palette()


def _png(canvas: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bytes:
    height, width = canvas.shape
    picture = Image.frombytes("P", (width, height), canvas.tobytes())
    picture.putpalette(_PALETTE)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
