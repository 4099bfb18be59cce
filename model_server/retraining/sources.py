"""Sources of annotated data in every layout that training accepts (`LAYOUTS`), as clips.

A layout is recognised by the contents of the folder. Clips are arrays as `model_server.training.clips.annotated` reads
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from model_server.evaluation.clip_folder import VOID, ClipFolder
from model_server.evaluation.png import read_labels
from model_server.evaluation.sa_v_clip import MANUAL
from model_server.masks import rle
from model_server.measurement.clips import NoClips, find_clips
from model_server.retraining.annotated_file import LONGER_SIDE, clips_of
from model_server.segmenter import Mask
from model_server.training.clips.annotated import EDITED
from model_server.video.frame_folder import SUFFIXES
from model_server.video.still_picture import as_rgb

LAYOUTS = """an SA-V folder (VIDEO.mp4 with VIDEO_manual.json; Meta's, or an export of a project),
clip folders (video.mp4 or frames/, and masks/ or masks_manual_per_object/),
JPEGImages/VIDEO/*.jpg with Annotations/VIDEO/*.png (palettes, as DAVIS, YouTube-VOS and MOSE) or
Annotations/VIDEO/OBJECT/*.png (as SA-V's validation sets),
images/NAME.jpg with masks/NAME.png (the value is the object) or masks/NAME/*.png (one image per object),
NAME.jpg with NAME.json (as SA-1B)"""
_PICTURES, _ANNOTATIONS = "JPEGImages", "Annotations"
_MAX_OBJECTS = 32  # the largest ones of an image; those of SA-1B have about a hundred


@dataclass(frozen=True, slots=True)
class AnnotatedSource:
    """One annotated video or image: its name, and its clips by name, with what else is known of them."""

    name: str
    arrays: Mapping[str, NDArray[np.generic]]


def annotated_data(folder: Path, *, frames_per_clip: int) -> Iterator[AnnotatedSource]:
    """Everything that a folder holds. NoClips if it has none of the layouts; ValueError for a broken image."""
    if (folder / _PICTURES).is_dir() and (folder / _ANNOTATIONS).is_dir():
        yield from _videos(_picture_videos(folder), frames_per_clip)
    elif (folder / "images").is_dir() and (folder / "masks").is_dir():
        yield from _images(folder)
    elif any(path.with_suffix(".jpg").is_file() for path in folder.glob("*.json")):
        yield from _sa_1b(folder)
    else:
        try:
            yield from _videos(find_clips(folder), frames_per_clip)
        except NoClips as error:
            raise NoClips(f"{folder} holds nothing to train on. It may be\n{LAYOUTS}") from error


def write_sources(folders: Sequence[Path], path: Path, *, frames_per_clip: int) -> int:
    """Write the data of some folders to one file for training; the number of clips. ValueError if there are none."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for index, folder in enumerate(folders):
        for found in annotated_data(folder, frames_per_clip=frames_per_clip):
            arrays |= {f"{index}/{name}": array for name, array in found.arrays.items()}
    count = sum(not name.endswith(EDITED) for name in arrays)
    if not count:
        raise ValueError("the data show no object")
    np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]
    return count


def _videos(videos: Iterator[ClipFolder], frames_per_clip: int) -> Iterator[AnnotatedSource]:
    for video in videos:
        if not video.truths:
            continue
        edited = _edited(video)
        arrays: dict[str, NDArray[np.generic]] = {}
        for number, clip in enumerate(clips_of(video, frames_per_clip=frames_per_clip)):
            arrays[f"{video.name}/{number}"] = clip
            if edited is not None:
                arrays[f"{video.name}/{number}{EDITED}"] = edited
        yield AnnotatedSource(video.name, arrays)


def _edited(video: ClipFolder) -> NDArray[np.int64] | None:
    """(objects,): the number of frames corrected by hand, SA-V's measure of a masklet's difficulty; -1 if unknown."""
    path = video.video.with_name(video.video.stem + MANUAL)
    if not path.is_file():
        return None
    counts: list[int | None] | None = json.loads(path.read_text()).get("masklet_edited_frame_count")
    if counts is None or len(counts) != len(video.truths):
        return None
    return np.array([-1 if count is None else int(count) for count in counts])


def _picture_videos(folder: Path) -> Iterator[ClipFolder]:
    """Videos as images, at any depth below the two folders: DAVIS has a level for resolutions in between."""
    annotations = folder / _ANNOTATIONS
    for pictures in sorted(path for path in (folder / _PICTURES).rglob("*") if path.is_dir()):
        names = [path.stem for path in sorted(pictures.iterdir()) if path.suffix.lower() in SUFFIXES]
        drawn = annotations / pictures.relative_to(folder / _PICTURES)
        if not names or not drawn.is_dir():
            continue
        frame_of = {name: index for index, name in enumerate(sorted(names, key=_number))}
        truths: dict[str, dict[int, Mask]] = {}
        objects = sorted(path for path in drawn.iterdir() if path.is_dir())
        for each in objects:
            truths[each.name] = {
                frame_of[p.stem]: read_labels(p) > 0 for p in sorted(each.glob("*.png")) if p.stem in frame_of
            }
        if not objects:
            labels = {frame_of[p.stem]: read_labels(p) for p in sorted(drawn.glob("*.png")) if p.stem in frame_of}
            values = sorted({int(v) for picture in labels.values() for v in np.unique(picture)} - {0, VOID})
            truths = {str(v): {index: picture == v for index, picture in labels.items()} for v in values}
        yield ClipFolder(pictures.relative_to(folder / _PICTURES).as_posix(), pictures, truths)


def _number(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdigit() else (-1, name)


def _images(folder: Path) -> Iterator[AnnotatedSource]:
    for picture in sorted((folder / "images").iterdir()):
        if picture.suffix.lower() not in SUFFIXES:
            continue
        labels, apart = folder / "masks" / f"{picture.stem}.png", folder / "masks" / picture.stem
        if apart.is_dir():
            masks = [read_labels(path) > 0 for path in sorted(apart.glob("*.png"))]
        elif labels.is_file():
            values = read_labels(labels)
            masks = [values == value for value in np.unique(values) if value not in (0, 255)]
        else:
            continue
        yield from _image(picture, masks)


def _sa_1b(folder: Path) -> Iterator[AnnotatedSource]:
    for path in sorted(folder.glob("*.json")):
        picture = path.with_suffix(".jpg")
        if not picture.is_file():
            continue
        try:
            segments = [each["segmentation"] for each in json.loads(path.read_text())["annotations"]]
            masks = [rle.decode(s["counts"], height=s["size"][0], width=s["size"][1]) for s in segments]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not an annotation of SA-1B: {error!r}") from error
        yield from _image(picture, masks)


def _image(path: Path, masks: Sequence[Mask]) -> Iterator[AnnotatedSource]:
    """A clip of one frame with its largest masks, without those over 90 % of the image, as in the paper."""
    try:
        with Image.open(path) as opened:
            picture = as_rgb(opened)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is not a picture that can be read: {error}") from error
    kept = sorted((mask for mask in masks if 0 < mask.mean() <= 0.9), key=lambda mask: -int(mask.sum()))[:_MAX_OBJECTS]
    if not kept:
        return
    if any(mask.shape != (picture.height, picture.width) for mask in kept):
        raise ValueError(f"a mask of {path} has another size than the picture")
    scale = min(1.0, LONGER_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    layers = [
        np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)) for mask in kept
    ]
    rgb = np.asarray(picture.resize(size, Image.Resampling.BOX))
    clip = np.concatenate([rgb, np.stack([layer > 127 for layer in layers], axis=2).astype(np.uint8)], axis=2)
    yield AnnotatedSource(path.stem, {path.stem: clip[None]})
