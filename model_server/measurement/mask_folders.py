"""Folders of masks as PNG files, scored against ground truth as in the official SA-V and DAVIS evaluation.

SA-V: VIDEO/OBJECT/FRAME.png, one image per object. Palette (DAVIS, YouTube-VOS): VIDEO/FRAME.png, the value is the
object, and 255 beside other objects is void: such pixels are ignored. Frames and objects are those of the ground truth;
other predictions are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from model_server.evaluation.clip_folder import void_value
from model_server.evaluation.j_and_f import ObjectScore, score_object
from model_server.segmenter import Mask

Labels = NDArray[np.uint8]


class MaskFolderError(Exception):
    """The folders cannot be compared; the message names the file at fault."""


@dataclass(frozen=True, slots=True)
class NamedScore:
    """One object's score; `name` is VIDEO/OBJECT."""

    name: str
    score: ObjectScore


def score_folders(truth: Path, predicted: Path, *, skip_ends: bool = True) -> Iterator[NamedScore]:
    """Score every object of every video, sorted by name.

    MaskFolderError for a missing or unreadable image, for differing sizes, and for an object of the SA-V layout that
    the ground truth shows on no scored frame.
    """
    videos = _folders(truth)
    if not videos:
        raise MaskFolderError(f"{truth} holds no videos: it should hold VIDEO/OBJECT/FRAME.png or VIDEO/FRAME.png")
    for video in videos:
        objects = _folders(video)
        if objects:
            for folder in objects:
                name = f"{video.name}/{folder.name}"
                yield NamedScore(name, _score_object_folder(folder, predicted / video.name / folder.name, skip_ends))
        else:
            yield from _score_palette_video(video, predicted / video.name, skip_ends)


def _score_object_folder(truth: Path, predicted: Path, skip_ends: bool) -> ObjectScore:
    pairs = [(_read(path) > 0, _read(_counterpart(predicted, path)) > 0) for path in _frames(truth, skip_ends)]
    return _score(pairs, truth)


def _score_palette_video(truth: Path, predicted: Path, skip_ends: bool) -> Iterator[NamedScore]:
    frames = _frames(truth, skip_ends)
    labels = [(_read(path), _read(_counterpart(predicted, path))) for path in frames]
    values = _values(true for true, _ in labels)
    void = void_value(_values(_read(path) for path in _frames(truth, skip_ends=False)))
    decided = [(true, _without_void(guess, true, void)) for true, guess in labels]
    for value in sorted(values - {0, void}):
        name = f"{truth.name}/{value}"
        yield NamedScore(name, _score([(true == value, guess == value) for true, guess in decided], truth / str(value)))


def _values(labels: Iterable[Labels]) -> set[int]:
    return {int(value) for each in labels for value in np.unique(each)}


def _without_void(predicted: Labels, truth: Labels, void: int | None) -> Labels:
    """The prediction, empty where the truth is void. One of another size stays, and is refused when it is scored."""
    if void is None or predicted.shape != truth.shape:
        return predicted
    return np.where(truth == void, 0, predicted)


def _score(pairs: list[tuple[Mask, Mask]], where: Path) -> ObjectScore:
    try:
        return score_object([true for true, _ in pairs], [guess for _, guess in pairs], skip_ends=False)
    except ValueError as error:
        raise MaskFolderError(f"{where}: {error}") from error


def _frames(folder: Path, skip_ends: bool) -> list[Path]:
    frames = sorted(path for path in folder.iterdir() if path.suffix == ".png" and not path.name.startswith("."))
    kept = frames[1:-1] if skip_ends else frames
    if not kept:
        raise MaskFolderError(f"{folder} holds {len(frames)} annotated frames; none is left to be scored")
    return kept


def _counterpart(folder: Path, path: Path) -> Path:
    counterpart = folder / path.name
    if not counterpart.is_file():
        raise MaskFolderError(f"{counterpart} is missing: every frame of the ground truth needs a prediction")
    return counterpart


def _read(path: Path) -> Labels:
    """(H, W) values; palettes are not applied, and colours are converted to grey."""
    try:
        with Image.open(path) as picture:
            kept = picture if picture.mode in ("P", "L", "1", "I", "I;16") else picture.convert("L")
            return np.asarray(kept)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise MaskFolderError(f"{path} is not a readable picture: {error}") from error


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise MaskFolderError(f"there is no folder {folder}")
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
