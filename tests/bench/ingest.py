"""`python -m tests.bench.ingest [FILE...]`: how fast uploads become videos, one at a time and several at once.

Without files it draws clips of several sizes and rates. Ingest runs as `maskloom up` runs it. Prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import av
import numpy as np
from PIL import Image

from backend.client.connection import SiteConnection
from backend.sample.clip import frames
from tests.bench.figures import Figure, table
from tests.running import RunningMaskloom

SECONDS = 10
LONG = 6  # times as long is the long clip
AT_ONCE = 3


class DrawnClip(NamedTuple):
    """Clips on the web have about 2 Mbit/s at 720 lines, phones write four times as many: slower to decode."""

    width: int
    height: int
    rate: int
    mbits: int
    goal: str = ""

    @property
    def name(self) -> str:
        return f"{self.width}x{self.height}-{self.rate}-{self.mbits}mbit.mp4"


CLIPS = (
    DrawnClip(1280, 720, 30, 2, goal="5 x real time"),
    DrawnClip(1280, 720, 30, 8),
    DrawnClip(1280, 720, 60, 4),
    DrawnClip(640, 360, 30, 1),
    DrawnClip(1920, 1080, 30, 8),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="clips of your own instead of the drawn ones")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips: list[Path] = arguments.files or _all_drawn(Path(folder))
        maskloom = RunningMaskloom(Path(folder) / "data")
        maskloom.start()
        try:
            print(table(ingest_figures(maskloom, clips)), flush=True)
        finally:
            maskloom.stop()


def ingest_figures(maskloom: RunningMaskloom, clips: Sequence[Path]) -> list[Figure]:
    """From the first byte of the upload until the video is ready."""
    uploads = Uploads(maskloom)
    uploads.seconds(clips[:1])  # whatever is loaded once
    figures: list[Figure] = []
    for clip in clips:
        seconds = uploads.seconds([clip])
        mbits = 8e-6 * clip.stat().st_size / uploads.duration
        goal = next((drawn.goal for drawn in CLIPS if drawn.name in clip.name), "")
        figures += [
            Figure(f"ingest {clip.name}", uploads.num_frames / seconds, "frames/s", "", f"{mbits:.1f} Mbit/s"),
            Figure(f"ingest {clip.name}", uploads.duration / seconds, "x real time", goal),
        ]
    seconds = uploads.seconds([clips[0]] * AT_ONCE)
    figures.append(Figure(f"ingest {AT_ONCE} of {clips[0].name} at once", uploads.num_frames / seconds, "frames/s"))
    return figures


class Uploads:
    """A project that takes uploads. `num_frames` and `duration` (seconds) are of the latest ones together."""

    def __init__(self, maskloom: RunningMaskloom) -> None:
        self._site = SiteConnection(maskloom.url)
        self._project = self._site.send("POST", "/api/projects", {"name": "Ingest"}, key=uuid4())["id"]
        self.num_frames, self.duration = 0, 0.0

    def seconds(self, clips: Sequence[Path]) -> float:
        """Until all of them are ready."""
        started = time.perf_counter()
        path = f"/api/projects/{self._project}/videos"
        videos = [self._site.upload(path, clip, name=clip.name) for clip in clips]
        ready = [self._when_ready(video["id"]) for video in videos]
        elapsed = time.perf_counter() - started
        self.num_frames = sum(video["num_frames"] for video in ready)
        self.duration = sum(video["num_frames"] * video["fps"]["den"] / video["fps"]["num"] for video in ready)
        return elapsed

    def _when_ready(self, video_id: str) -> Any:
        while (video := self._site.get(f"/api/videos/{video_id}"))["state"] == "ingesting":
            time.sleep(0.1)  # more often would take processor time from what is measured
        assert video["state"] == "ready", video
        return video


def _all_drawn(folder: Path) -> list[Path]:
    """Each clip, and after the first one a long one: of a short clip, a fifth of the time is the start of a process."""
    first, *others = (_drawn(clip, folder) for clip in CLIPS)
    return [first, _repeated(first, folder / f"long-{first.name}"), *others]


def _repeated(clip: Path, target: Path) -> Path:
    """The clip's packets again and again; it begins with a key frame, so that each time is a copy of the first."""
    with av.open(str(clip)) as source, av.open(str(target), "w", format="mp4") as output:
        original = source.streams.video[0]
        stream = output.add_stream_from_template(original)
        packets = [packet for packet in source.demux(original) if packet.size]
        length = sum(packet.duration or 0 for packet in packets)
        for number in range(LONG):
            for packet in packets:
                again = av.Packet(bytes(packet))
                assert packet.pts is not None
                assert packet.dts is not None
                again.pts, again.dts = packet.pts + number * length, packet.dts + number * length
                again.time_base, again.duration = packet.time_base, packet.duration
                again.is_keyframe = packet.is_keyframe
                again.stream = stream
                output.mux(again)
    return target


def _drawn(clip: DrawnClip, folder: Path) -> Path:
    """The sample's drawing, forward and back, with the grain that a camera adds."""
    path, size = folder / clip.name, (clip.width, clip.height)
    drawn = list(frames())
    grain = np.random.default_rng(0).integers(-1, 2, (clip.height, clip.width, 1))
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=clip.rate, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = clip.mbits * 1_000_000
        for index, picture in enumerate(islice(cycle(drawn + drawn[::-1]), SECONDS * clip.rate)):
            large = np.asarray(Image.fromarray(picture).resize(size), dtype=np.int16)
            grainy = np.clip(large + np.roll(grain, 37 * index, axis=(0, 1)), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(grainy, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, clip.rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    sys.exit(main())
