"""Check the proxy by decoding it as its readers will.

The same pass makes the frame table, the poster and the filmstrip.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import VideoFrame
from PIL import Image

from backend.videos.media import protocol
from backend.videos.media.geometry import array_of

Image.preinit()  # loads its encoders now, while everything can still be read

_POSTER_LONG_SIDE = 640
_TILE_LONG_SIDE = 128
_MAX_TILES = 48
_TILE_COLUMNS = 12


@dataclass(slots=True)
class Review:
    """What decoding showed. `luma_crc[i]` is the CRC-32 of frame i's decoded luma rows."""

    width: int = 0
    height: int = 0
    luma_crc: list[int] = field(default_factory=list[int])
    key_frames: list[int] = field(default_factory=list[int])
    tiles: list[Image.Image] = field(default_factory=list[Image.Image])


def review(proxy: Path, *, num_frames: int, rate: Fraction, on_frame: Callable[[int], None]) -> Review:
    """Decode every frame, and check the times and the number of frames.

    Raises:
        AssertionError: the proxy is wrong, which is this program's fault and not the file's.
    """
    eye = Eye(proxy, num_frames)
    with av.open(str(proxy), "r", format="mov") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 2
        stream.thread_type = "AUTO"  # whole frames side by side: the proxy is sound, so nothing is lost by it
        assert stream.time_base is not None
        for index, frame in enumerate(container.decode(stream)):
            assert frame.pts is not None
            assert frame.pts * stream.time_base == index / rate, f"frame {index} is shown at {frame.pts}"
            eye.look(frame)
            on_frame(index + 1)
    assert len(eye.seen.luma_crc) == num_frames, f"the proxy has {len(eye.seen.luma_crc)} of {num_frames} frames"
    return eye.seen


class Eye:
    """Looks at the decoded frames of a proxy, one after the other."""

    def __init__(self, proxy: Path, num_frames: int) -> None:
        """`num_frames` are expected."""
        self.seen = Review()
        self._poster = proxy.with_name(protocol.POSTER)
        self._poster_index = poster_index(num_frames)
        self._tiles = set(tile_indices(num_frames))

    def look(self, frame: VideoFrame) -> None:
        """See the next frame, and make of it what is made of it.

        Raises:
            AssertionError: it is damaged.
        """
        seen, index = self.seen, len(self.seen.luma_crc)
        assert not frame.is_corrupt, f"frame {index} is damaged"
        seen.width, seen.height = frame.width, frame.height
        seen.luma_crc.append(_luma_crc(frame))
        if frame.key_frame:
            seen.key_frames.append(index)
        if index in self._tiles:
            seen.tiles.append(_shrunk(frame, _TILE_LONG_SIDE))
        if index == self._poster_index:
            _shrunk(frame, _POSTER_LONG_SIDE).save(self._poster, quality=85)


def tile_indices(num_frames: int) -> list[int]:
    """Evenly spaced frames, beginning with the first; all frames of a short video."""
    count = min(num_frames, _MAX_TILES)
    return [i * num_frames // count for i in range(count)]


def poster_index(num_frames: int) -> int:
    """A frame some way into the video, because the first one is often black."""
    return num_frames // 4


def write_filmstrip(seen: Review, target: Path, *, num_frames: int) -> dict[str, Any]:
    """Write the tiles into one picture, row by row. Returns its description."""
    width, height = seen.tiles[0].size
    columns = min(len(seen.tiles), _TILE_COLUMNS)
    strip = Image.new("RGB", (columns * width, -(-len(seen.tiles) // columns) * height))
    for i, tile in enumerate(seen.tiles):
        strip.paste(tile, (i % columns * width, i // columns * height))
    strip.save(target, quality=80)
    return {"tile_width": width, "tile_height": height, "columns": columns, "frame_indices": tile_indices(num_frames)}


def write_frame_table(
    seen: Review, target: Path, *, source_pts: list[int | None], bases: tuple[Fraction, Fraction]
) -> None:
    """Write the frame table. `bases` are the source's time base in seconds and the proxy's frames per second."""
    time_base, rate = bases
    table = {
        "num_frames": len(source_pts),
        "fps": {"num": rate.numerator, "den": rate.denominator},
        "source_time_base": [time_base.numerator, time_base.denominator],
        "source_pts": source_pts,
        "key_frames": seen.key_frames,
        "luma_crc": seen.luma_crc,
    }
    target.write_text(json.dumps(table, separators=(",", ":")), encoding="utf-8")


def _luma_crc(frame: VideoFrame) -> int:
    return zlib.crc32(np.ascontiguousarray(array_of(frame.planes[0])).data)


def _shrunk(frame: VideoFrame, long_side: int) -> Image.Image:
    shrink = min(1.0, long_side / max(frame.width, frame.height))
    width, height = (max(1, round(side * shrink)) for side in (frame.width, frame.height))
    return frame.to_image(width=width, height=height, interpolation="AREA")
