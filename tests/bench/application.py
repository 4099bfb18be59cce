"""`make bench`: what a person at Maskloom waits for, on this machine, with the built-in model.

First a tracking session by itself, then the whole application over HTTP. Prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import torch

from backend.sample.clip import frames
from backend.sample.scene import FRAMES_PER_SECOND, HEIGHT, WIDTH
from backend.videos.media.protocol import PROXY, Options
from backend.videos.media.transcoder import transcode
from tests.bench import machine
from tests.bench.application_figures import Bench
from tests.bench.crowd_figures import crowd_figures
from tests.bench.figures import table
from tests.bench.session_figures import session_figures
from tests.running import RunningMaskloom

NUM_FRAMES = 208


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="builtin", help="a model's name, or a file of weights; for the session")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--session-only", action="store_true", help="leave the whole application out")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    busy = "" if machine.is_quiet() else " The machine was busy with other work: read these as upper bounds."
    print(f"{machine.describe(device)}. Clip {WIDTH} x {HEIGHT}, {NUM_FRAMES} frames.{busy}\n")
    with tempfile.TemporaryDirectory() as folder:
        clip = drawn_clip(Path(folder) / "bench.mp4")
        print(f"A session of {arguments.model}, {arguments.threads} thread(s):\n")
        figures = session_figures(video_of_record(clip, Path(folder)), arguments.model, device)
        print(table(figures), flush=True)
        if arguments.session_only:
            return
        maskloom = RunningMaskloom(Path(folder) / "data")
        maskloom.start()
        try:
            print("\nThe whole application, over HTTP:\n")
            print(table(Bench(maskloom, clip).figures()), flush=True)
            print("\nMuch in one prompt set, and a click elsewhere:\n")
            print(table(crowd_figures(maskloom, clip)), flush=True)
        finally:
            maskloom.stop()


def drawn_clip(path: Path) -> Path:
    """The sample's drawing, forward and back, so that nothing jumps."""
    drawn = list(frames())
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "14", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, picture in enumerate(islice(cycle(drawn + drawn[::-1]), NUM_FRAMES)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FRAMES_PER_SECOND)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def video_of_record(clip: Path, folder: Path) -> Path:
    """As ingest makes it."""
    options = Options(
        long_side=1920,
        max_pixels=2**25,
        max_frames=10_000,
        max_memory_bytes=2**32,
        max_cpu_seconds=600,
        walls=(),
        threads=1,
    )
    transcode(clip, folder, options, lambda done, total, rate: None)
    return folder / PROXY


if __name__ == "__main__":
    sys.exit(main())
