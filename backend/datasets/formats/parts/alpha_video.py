"""Videos with alpha: VP9 in WebM, where alpha is a second picture of the same frame. Equal frames give equal bytes."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from backend.datasets.formats.parts.cut_pictures import Cut

_CODEC = "libvpx-vp9"  # FFmpeg's own decoder of VP9 has no alpha
_ALPHA = 3
_OPAQUE = 128
OPTIONS = {
    "crf": "18",
    "b": "0",
    "cpu-used": "4",
    "auto-alt-ref": "0",  # frames that look ahead have no alpha
    "lag-in-frames": "0",
}


def write_alpha_video(path: Path, frames: Iterable[Cut], *, rate: Fraction) -> None:
    """Write the frames, of one size, of which there is at least one."""
    with av.open(str(path), "w", format="webm", options={"fflags": "+bitexact"}) as container:
        stream: Any = None
        for cut in frames:
            if stream is None:
                stream = container.add_stream(_CODEC, rate=rate, options=OPTIONS)
                stream.height, stream.width = cut.shape[:2]
                stream.pix_fmt = "yuva420p"
                stream.codec_context.colorspace = Colorspace.ITU601  # as FFmpeg converts, so that players convert back
                stream.codec_context.thread_count = 1  # so that the bytes depend on no machine
            container.mux(stream.encode(_frame(cut)))
        container.mux(stream.encode(None))


def alpha_of(path: Path) -> Iterator[NDArray[np.bool_]]:
    """Where each frame is rather opaque than transparent: bool (height, width)."""
    with av.open(str(path), "r", format="webm") as container:
        decoder: Any = av.CodecContext.create(_CODEC, "r")
        for packet in container.demux(video=0):
            for frame in decoder.decode(packet if packet.size else None):
                plane = frame.planes[_ALPHA]
                rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                yield rows[: frame.height, : frame.width] >= _OPAQUE


def _frame(cut: Cut) -> "av.VideoFrame":
    """The picture as the encoder wants it. Alpha is copied, because FFmpeg would smooth it."""
    frame = av.VideoFrame.from_ndarray(cut, format="rgba").reformat(format="yuva420p")
    plane = frame.planes[_ALPHA]
    rows = np.zeros((plane.height, plane.line_size), np.uint8)
    rows[:, : plane.width] = cut[..., _ALPHA]
    plane.update(rows.tobytes())
    return frame
