"""Every mask of a model on some clips, as digests: shows that a change of structure changed no bit.

    python -m tests.golden.masks record CLIPS... before.json    # in the tree as it was
    python -m tests.golden.masks record CLIPS... after.json     # in the tree as it is
    python -m tests.golden.masks compare before.json after.json

A clip is a folder with `frames/` or a video file; without any, a drawn clip is used. The digests are those of one
machine, one build of torch and one thread, so a recording is worth something only beside another from the same machine.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: another number of threads sums in another order

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_server.mask_search import AutomaticOptions
from model_server.masks.packed_mask import PackedMask
from model_server.models import registry
from model_server.segmenter import (
    Box,
    Click,
    Direction,
    FramePrompt,
    FrameResult,
    StoredFrame,
    TrackingSession,
    VideoSegmenter,
)
from tests.clips import draw_frame

NUM_FRAMES, STRIDE = 12, 3
"""So many frames of each clip, every third: enough motion for a mask to go wrong."""
CORRECTED = 6
"""The tracked frame that is corrected."""
SEARCH = AutomaticOptions(grids=(6, 2), min_predicted_iou=0.3, min_stability=0.5)
Digests = dict[str, str]


@dataclass(frozen=True)
class Frames:
    """A FrameSource over frames in memory, (N, H, W, 3)."""

    pixels: NDArray[np.uint8]

    @property
    def num_frames(self) -> int:
        return self.pixels.shape[0]

    @property
    def height(self) -> int:
        return self.pixels.shape[1]

    @property
    def width(self) -> int:
        return self.pixels.shape[2]

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return self.pixels[frame_index]


@dataclass(frozen=True)
class Subject:
    """What is asked for on a clip: an object by the middle and the size of its box, as shares of the frame."""

    x: float
    y: float
    width: float
    height: float

    def box(self, frames: Frames) -> Box:
        x, y = self.x * frames.width, self.y * frames.height
        half_width, half_height = self.width * frames.width / 2, self.height * frames.height / 2
        return Box(x - half_width, y - half_height, x + half_width, y + half_height)

    def click(self, frames: Frames, right: float, down: float, *, positive: bool = True) -> Click:
        """A click so many half boxes away from the middle."""
        x = (self.x + right * self.width / 2) * frames.width
        y = (self.y + down * self.height / 2) * frames.height
        return Click(min(max(x, 0), frames.width - 1), min(max(y, 0), frames.height - 1), positive)

    def mask(self, frames: Frames) -> NDArray[np.bool_]:
        """The ellipse in the box."""
        y, x = np.mgrid[: frames.height, : frames.width]
        across = (x / frames.width - self.x) / (self.width / 2)
        along = (y / frames.height - self.y) / (self.height / 2)
        return across**2 + along**2 <= 1


SUBJECTS = {"large": Subject(0.5, 0.5, 0.35, 0.5), "small": Subject(0.42, 0.55, 0.08, 0.12)}


def record(model: VideoSegmenter, clips: Sequence[Path]) -> Digests:
    """Digests by clip, subject and step."""
    digests: Digests = {}
    for name, frames in opened(clips):
        for subject_name, subject in SUBJECTS.items():
            for step, digest in play(model, frames, subject):
                digests[f"{name}/{subject_name}/{step}"] = digest
        digests[f"{name}/search"] = searched(model.open(frames))
        print(f"{name}: {len(digests)} digests", file=sys.stderr)
    return digests


def play(model: VideoSegmenter, frames: Frames, subject: Subject) -> Iterator[tuple[str, str]]:
    """Prompts, propagation, corrections and a restart of one object, and a second one tracked together with it."""
    session = model.open(frames)
    clicks = clicks_of(frames, subject)
    for count in range(1, len(clicks) + 1):
        yield f"clicks {count}", digest(session.prompt("clicked", 0, FramePrompt(clicks=clicks[:count])))
    for candidate in range(3):
        prompt = FramePrompt(clicks=clicks[:1], candidate=candidate)
        yield f"candidate {candidate}", digest(session.prompt("clicked", 0, prompt))
    yield "alone", digest(session.prompt("alone", 0, FramePrompt(clicks=clicks[:2], memory=False)))
    yield "box", digest(session.prompt("boxed", 0, FramePrompt(box=subject.box(frames))))
    boxed = FramePrompt(clicks=clicks[:2], box=subject.box(frames))
    yield "box and clicks", digest(session.prompt("boxed", 0, boxed))
    yield "mask", digest(session.prompt("drawn", 0, FramePrompt(mask=subject.mask(frames))))
    names = ("clicked", "boxed", "drawn")
    yield from tracked(session, "forward", names, range(1, frames.num_frames), "forward")
    for count in (1, 3):
        correction = FramePrompt(clicks=clicks[1 : 1 + count])
        yield f"correction {count}", digest(session.prompt("drawn", CORRECTED, correction))
    yield from tracked(session, "again", names, range(1, frames.num_frames), "forward")
    last = frames.num_frames - 1
    yield "prompt at the end", digest(session.prompt("clicked", last, FramePrompt(clicks=clicks[:2])))
    yield from tracked(session, "backward", names[:1], range(last, -1, -1), "backward")
    session.clear_frame("drawn", CORRECTED)
    session.drop_caches()
    yield from tracked(session, "cleared", names[2:], range(CORRECTED, frames.num_frames), "forward")
    yield from restarted(model.open(frames), frames, subject)


def restarted(session: TrackingSession, frames: Frames, subject: Subject) -> Iterator[tuple[str, str]]:
    """A session that is handed what another had stored, and goes on."""
    mask, half = subject.mask(frames), CORRECTED // 2
    stored = PackedMask.pack(mask)
    session.seed("stored", StoredFrame(0, stored, 10.0, conditioning=True))
    session.seed("stored", StoredFrame(half, stored, 4.0, conditioning=False))
    session.seed(
        "stored",
        StoredFrame(CORRECTED, stored, 4.0, True, answers_prompts=True, base=stored),
    )
    yield from tracked(session, "restarted", ("stored",), range(1, frames.num_frames), "forward")
    correction = FramePrompt(clicks=clicks_of(frames, subject)[1:3])
    yield "restarted correction", digest(session.prompt("stored", half, correction))
    yield from tracked(session, "restarted again", ("stored",), range(1, frames.num_frames), "forward")


def tracked(
    session: TrackingSession, step: str, names: Sequence[str], indices: range, direction: Direction
) -> Iterator[tuple[str, str]]:
    for index in indices:
        for result in session.track_together(names, index, direction):
            yield f"{step} {index} {result.object_id}", digest(result)


def searched(session: TrackingSession) -> str:
    search = session.search(0, SEARCH)
    while search.step():
        pass
    return hashlib.sha256(repr(search.found()).encode()).hexdigest()[:16]


def clicks_of(frames: Frames, subject: Subject) -> tuple[Click, ...]:
    """Five clicks: the middle, one side, outside, another side, and outside again."""
    return (
        subject.click(frames, 0, 0),
        subject.click(frames, 0.4, 0.5),
        subject.click(frames, -1.3, 0.2, positive=False),
        subject.click(frames, -0.3, -0.6),
        subject.click(frames, 0.4, 1.4, positive=False),
    )


def digest(result: FrameResult) -> str:
    """Of everything that was said of an object on a frame."""
    said = hashlib.sha256(np.packbits(result.mask).tobytes())
    said.update(np.ascontiguousarray(result.low_res_logits).tobytes())
    scores = (result.predicted_iou, result.object_score, result.stability, result.candidate, result.candidate_ious)
    said.update(repr(scores).encode())
    return said.hexdigest()[:16]


def opened(clips: Sequence[Path]) -> Iterator[tuple[str, Frames]]:
    """Names and frames."""
    yield "drawn", Frames(np.stack([draw_frame(index * STRIDE).rgb for index in range(NUM_FRAMES)]))
    for clip in clips:
        yield clip.stem, Frames(np.stack(list(pictures(clip))))


def pictures(clip: Path) -> Iterator[NDArray[np.uint8]]:
    """The frames that are played of a clip."""
    if (clip / "frames").is_dir():
        for path in sorted((clip / "frames").iterdir())[: NUM_FRAMES * STRIDE : STRIDE]:
            with Image.open(path) as picture:
                yield np.asarray(picture.convert("RGB"))
        return
    with av.open(str(clip / "video.mp4" if clip.is_dir() else clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == NUM_FRAMES * STRIDE:
                return
            if index % STRIDE == 0:
                yield frame.to_ndarray(format="rgb24")


def compare(before: Digests, after: Digests) -> list[str]:
    """What differs, or is there on one side only."""
    return sorted(step for step in before.keys() | after.keys() if before.get(step) != after.get(step))


def main() -> int:
    """0 where recordings agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("record", "compare"))
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--model", default="builtin")
    chosen = parser.parse_args()
    *inputs, last = chosen.paths
    if chosen.what == "record":
        last.write_text(json.dumps(record(registry.build(chosen.model, "cpu"), inputs), indent=1) + "\n")
        return 0
    before, after = json.loads(inputs[0].read_text()), json.loads(last.read_text())
    different = compare(before, after)
    print(f"{len(before)} digests before, {len(after)} after, {len(different)} differ", *different[:20], sep="\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
