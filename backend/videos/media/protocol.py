"""The media program's options and its output, one JSON object per line."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RECIPE = 4  # increase it when the same source would give another proxy

PROXY = "proxy.mp4"
POSTER = "poster.jpg"
FILMSTRIP = "filmstrip.jpg"
FRAME_TABLE = "frames.json"


@dataclass(frozen=True, slots=True)
class Options:
    """`long_side` is the proxy's in pixels; `max_pixels` limits one source frame; `walls` are those of the cage."""

    long_side: int
    max_pixels: int
    max_frames: int
    max_memory_bytes: int
    max_cpu_seconds: int
    walls: tuple[str, ...]
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Stills:
    """Asks for every `stride`-th frame of a video of record of `num_frames`, as pictures. PNG are as it is decoded."""

    stride: int
    num_frames: int
    picture: Literal["jpeg", "png"] = "jpeg"

    @property
    def frames(self) -> range:
        return range(0, self.num_frames, self.stride)

    def name(self, frame_index: int) -> str:
        """The file of one frame."""
        return f"{frame_index:05d}.{'png' if self.picture == 'png' else 'jpg'}"


class Unusable(Exception):
    """The file cannot become a video of record. The message is a predicate whose subject is the file's name."""


@dataclass(slots=True)
class Made:
    """A finished video of record. Sizes are the proxy's, in pixels."""

    width: int
    height: int
    num_frames: int
    fps_num: int
    fps_den: int
    filmstrip: dict[str, Any]
    source: dict[str, Any]
    warnings: list[str] = field(default_factory=list[str])


def progress_line(done: float, total: int, *, frames_per_second: float | None) -> str:
    return json.dumps({"t": "progress", "done": int(done), "total": total, "frames_per_second": frames_per_second})


def made_line(made: Made) -> str:
    return json.dumps({"t": "made", **asdict(made)})


def stills_line() -> str:
    return json.dumps({"t": "stills"})


def unusable_line(reason: str) -> str:
    return json.dumps({"t": "unusable", "reason": reason})
