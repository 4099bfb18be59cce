"""A sheet of first clicks to be looked at: what a model takes each click to mean, and its other candidates.

Shapes: (H, W) a frame, (h, w) its picture on the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from model_server.evaluation.vos import iou
from model_server.segmenter import NUM_CANDIDATES, Click, FramePrompt, FrameResult, FrameSource, Mask, VideoSegmenter
from model_server.video.source import opened

PER_ROW = 6
SAME = 0.95
"""From this IoU on, another candidate is the one shown once more."""
TINT, TINT_SHARE = np.array([255, 0, 110], np.float32), 0.45
OUTLINE, MARK, GROUND, INK = (255, 255, 0), (0, 255, 255), (24, 27, 32), (235, 235, 235)
LINE, GAP = 16, 6
"""Pixels of a line of text, and between pictures."""


class Place(BaseModel):
    """A click, in pixels of a clip's frame, and what a person would mean by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clip: str
    x: float
    y: float
    thing: str
    frame: int = 0


@dataclass(frozen=True, slots=True)
class ClickedPlace:
    """What a model takes a place to mean: its own choice, and the other candidates that differ from it."""

    place: Place
    rgb: NDArray[np.uint8]  # (H, W, 3)
    chosen: FrameResult
    others: tuple[FrameResult, ...]


def read_places(path: Path) -> list[Place]:
    """The places of a JSON file: a list of objects with clip, x, y, thing and, unless it is the first, frame."""
    try:
        places = TypeAdapter(list[Place]).validate_json(path.read_bytes())
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}" for each in error.errors())
        raise ValueError(f"{path} lists no places: " + "; ".join(faults)) from error
    if not places:
        raise ValueError(f"{path} lists no places")
    return places


def answers(places: Sequence[Place], clips: Path, model: VideoSegmenter) -> Iterator[ClickedPlace]:
    """The model's answer to each place, in order; `clips` holds the videos, or folders of pictures, by name.

    FileNotFoundError for a clip that is not there, ValueError for a place outside its clip.
    """
    for name, group in groupby(places, key=lambda place: place.clip):
        with opened(_video(clips, name)) as source:
            for place in group:
                yield _answer(place, source, model)


def draw_sheet(answered: Sequence[ClickedPlace], side: int) -> Image.Image:
    """All answers, PER_ROW in a row; a picture of a frame is `side` pixels wide."""
    panels = [_panel(answer, side) for answer in answered]
    rows = [panels[start : start + PER_ROW] for start in range(0, len(panels), PER_ROW)]
    heights = [max(panel.height for panel in row) + GAP for row in rows]
    sheet = Image.new("RGB", (len(rows[0]) * (side + GAP) + GAP, sum(heights) + GAP), GROUND)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            sheet.paste(panel, (GAP + column * (side + GAP), top))
        top += height
    return sheet


def _video(clips: Path, name: str) -> Path:
    found = [path for path in sorted(clips.glob("*")) if name in (path.name, path.stem)]
    if not found:
        raise FileNotFoundError(f"{clips} holds no clip {name}")
    return found[0]


def _answer(place: Place, source: FrameSource, model: VideoSegmenter) -> ClickedPlace:
    if not (0 <= place.x <= source.width - 1 and 0 <= place.y <= source.height - 1):
        size = f"{source.width} x {source.height}"
        raise ValueError(f"{place.thing}: {place.x:g}, {place.y:g} is outside {place.clip}, which is {size}")
    if not 0 <= place.frame < source.num_frames:
        raise ValueError(f"{place.thing}: {place.clip} has no frame {place.frame}")
    session, click = model.open(source), Click(place.x, place.y, positive=True)
    chosen = session.prompt("chosen", place.frame, FramePrompt((click,)))
    others = list[FrameResult]()
    for number in range(NUM_CANDIDATES) if chosen.candidate is not None else ():
        if number != chosen.candidate:
            asked = FramePrompt((click,), candidate=number)
            other = session.prompt(f"candidate {number}", place.frame, asked)
            if all(iou(shown.mask, other.mask) < SAME for shown in (chosen, *others)):
                others.append(other)
    return ClickedPlace(place, source.rgb(place.frame), chosen, tuple(others))


def _panel(answer: ClickedPlace, side: int) -> Image.Image:
    """The frame with the model's choice; below it, the clip's name, then words and the other candidates."""
    small = [_picture(answer, other.mask, side // 3) for other in answer.others]
    font, room = ImageFont.load_default(LINE - 4), side - len(small) * (side // 3)
    words = [answer.place.clip, *_lines(answer.place.thing, room, font)]
    words.append(f"predicted IoU {answer.chosen.predicted_iou:.2f}")
    whole = _picture(answer, answer.chosen.mask, side)
    below = max(LINE * len(words), *(LINE + picture.height for picture in small), 0)
    panel = Image.new("RGB", (side, whole.height + below), GROUND)
    panel.paste(whole, (0, 0))
    pen = ImageDraw.Draw(panel)
    for number, line in enumerate(words):
        pen.text((0, whole.height + number * LINE), line, INK, font)
    for number, (picture, other) in enumerate(zip(small, answer.others, strict=True)):
        at = room + number * (side // 3), whole.height + LINE
        panel.paste(picture, at)
        pen.text(at, f"or {other.predicted_iou:.2f}", INK, font, stroke_width=2, stroke_fill=GROUND)
    return panel


def _lines(text: str, room: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """The text in lines of `room` pixels at most, broken between words."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _picture(answer: ClickedPlace, mask: Mask, side: int) -> Image.Image:
    """The frame at a width of `side`, with an (H, W) mask tinted and outlined, and the click marked."""
    scale = side / mask.shape[1]
    size = side, max(1, round(mask.shape[0] * scale))
    pixels = np.asarray(Image.fromarray(answer.rgb).resize(size, Image.Resampling.BOX), np.float32)
    inside = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
    tinted = np.where(inside[..., None], pixels * (1 - TINT_SHARE) + TINT * TINT_SHARE, pixels).astype(np.uint8)
    tinted[_outline(inside)] = OUTLINE
    picture = Image.fromarray(tinted)
    x, y, radius = (answer.place.x + 0.5) * scale, (answer.place.y + 0.5) * scale, max(2, side // 200)
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), MARK, (0, 0, 0))
    return picture


def _outline(mask: Mask) -> Mask:
    """The (h, w) pixels of the mask that touch what is not of it."""
    padded = np.pad(mask, 1, mode="edge")
    return mask & ~(padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:])
