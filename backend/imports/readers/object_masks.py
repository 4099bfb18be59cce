"""A binary PNG per object: `Annotations/{video}/{object}/00000.png`; SA-V's val set has `Annotations_6fps`.

A frame without a file is unknown; in SA-V's val set the object is absent there, as its evaluation has it. SA-V counts
its objects from 0, and here they are numbered from 1, as its loader does.
"""

import re
from collections import defaultdict

from backend.annotation.record.masks import painted_mask
from backend.imports.content.files import DatasetFiles
from backend.imports.content.harvest import FoundMask, FoundObject
from backend.imports.readers.clip_folders import (
    RESOLUTION,
    ClipFolder,
    add_frames,
    add_pictures,
    numbered,
    put,
    require_size,
    video_of,
)
from backend.imports.readers.pictures import pixels_in
from backend.imports.readers.reader import OpenDataset

_MASK = re.compile(
    rf"(?:.*/)?Annotations(_6fps)?/((?!{RESOLUTION}/)[^/]+)/0*(\d{{1,9}})/([^/]+)\.png", re.IGNORECASE | re.ASCII
)


class ObjectMasksReader:
    """Implements DatasetReader."""

    name = "object_masks"
    title = "Binary PNG per object (also SA-V val and test)"

    def recognises(self, files: DatasetFiles) -> bool:
        return any(_MASK.fullmatch(name) for name in files.names)

    def read(self, dataset: OpenDataset) -> None:
        clips: dict[str, ClipFolder] = {}
        masks: dict[str, dict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
        complete = set[str]()
        for name in dataset.files.names:
            if found := _MASK.fullmatch(name):
                key, number = found[2], numbered(found[4], name)
                put(masks[key][int(found[3])], number, name)
                clips.setdefault(key, ClipFolder()).masks[number] = name
                if found[1]:
                    complete.add(key)
        add_pictures(clips, dataset.files)
        for key, folder in clips.items():
            _read(dataset, key, folder, masks[key], absent_elsewhere=key in complete)


def _read(
    dataset: OpenDataset, key: str, folder: ClipFolder, objects: dict[int, dict[int, str]], *, absent_elsewhere: bool
) -> None:
    found = video_of(key, folder)
    video_id: int | None = None
    first = 1 if absent_elsewhere else 0
    for number, frames in sorted(objects.items()):
        for frame, name in sorted(frames.items()):
            pixels = pixels_in(dataset.files, name)
            if video_id is None:
                found.height, found.width = pixels.shape
                video_id = dataset.harvest.add_video(key, found)
                add_frames(dataset, video_id, folder)
            require_size(pixels.shape, found, name)
            about = FoundObject(number=number + first or None, absent_elsewhere=absent_elsewhere)
            object_id = dataset.harvest.add_object(video_id, str(number), about)
            dataset.harvest.add_mask(object_id, FoundMask(frame, painted_mask(pixels)), place=name)
