"""Videos of record for tests: H.264, closed groups of at most 24, no B-frames, times i / fps."""

from fractions import Fraction
from pathlib import Path

import av

from tests.clips import FRAME_RATE, HEIGHT, WIDTH, draw_frame

PROXY_OPTIONS = {"crf": "18", "bf": "0", "g": "24", "sc_threshold": "0", "flags": "+cgop"}


def write_proxy(path: Path, num_frames: int = 60) -> Path:
    """Drawn frames 0 .. num_frames - 1, each carrying its index as a bar code."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE, options=PROXY_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(num_frames):
            frame = av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FRAME_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
