"""What one tracking session costs, without server, backend or browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from model_server.masks import rle
from model_server.models.registry import build
from model_server.segmenter import Click, FramePrompt, TrackingSession, VideoSegmenter
from model_server.video.reader import FrameReader
from tests.bench import machine
from tests.bench.figures import Figure, median_seconds

FAR_APART = range(5, 200, 29)  # frames nobody has looked at, each in another group of pictures
BANK_IS_FULL = 20


def session_figures(proxy: Path, model: str, device: torch.device) -> list[Figure]:
    """Decoding, encoding, clicks and propagation on a video of record."""
    segmenter = build(model, str(device))
    reader = FrameReader(proxy)
    peak = machine.peak_operations_per_second(device)
    figures = [
        Figure("decode the next frame", 1e3 * median_seconds(reader.rgb, range(60)), "ms"),
        Figure("decode any frame", 1e3 * median_seconds(FrameReader(proxy).rgb, FAR_APART), "ms"),
        *_click_figures(segmenter, reader, FrameReader(proxy), peak),
        *(_propagation_figure(segmenter, reader, count, peak) for count in (1, 5)),
    ]
    reader.close()
    return [*figures, Figure("peak memory of all this", machine.peak_rss_bytes() / 2**20, "MiB")]


def _click_figures(segmenter: VideoSegmenter, reader: FrameReader, unread: FrameReader, peak: float) -> list[Figure]:
    middle = Click(reader.width / 2, reader.height / 2, True)
    click, elsewhere = FramePrompt((middle,)), FramePrompt((Click(reader.width / 3, reader.height / 3, True),))
    further = FramePrompt((middle, Click(reader.width / 2 + 20, reader.height / 2 + 20, False)))
    segmenter.open(reader).prompt("warm-up", 0, click)
    session = segmenter.open(unread)
    first = median_seconds(lambda frame: session.prompt("new", frame, click), FAR_APART)
    again = median_seconds(lambda frame: session.prompt("other", frame, elsewhere), FAR_APART)
    refined = median_seconds(lambda frame: session.prompt("new", frame, further), FAR_APART)
    for frame in FAR_APART:
        reader.rgb(frame)
    encoding = segmenter.open(reader)
    encode = median_seconds(encoding.warm, FAR_APART)
    operations = machine.operations(lambda: segmenter.open(reader).warm(FAR_APART[0]))
    decoding = machine.operations(lambda: session.prompt("third", FAR_APART[0], FramePrompt((replace(middle, x=9.0),))))
    return [
        Figure("encode a frame", 1e3 * encode, "ms", "under 150", _bound(operations, peak, encode)),
        Figure("first click on a frame (decode, encode, answer)", 1e3 * first, "ms"),
        Figure("click on an encoded frame", 1e3 * again, "ms", "under 150", _bound(decoding, peak, again)),
        Figure("a second click on it", 1e3 * refined, "ms", "under 150"),
    ]


def _propagation_figure(segmenter: VideoSegmenter, reader: FrameReader, num_objects: int, peak: float) -> Figure:
    """Masks leave as run lengths, as they do for the backend."""
    session = segmenter.open(reader)
    names = [str(index) for index in range(num_objects)]
    for index, name in enumerate(names):
        place = Click(reader.width * (index + 1) / (num_objects + 1), reader.height / 2, True)
        session.prompt(name, 0, FramePrompt((place,)))
    for frame in range(1, BANK_IS_FULL):
        session.track_together(names, frame, "forward")
    seconds = median_seconds(lambda frame: _tracked(session, names, frame), range(BANK_IS_FULL, BANK_IS_FULL + 30))
    operations = machine.operations(lambda: session.track_together(names, BANK_IS_FULL + 30, "forward"))
    goal = {1: "10", 5: "5"}.get(num_objects, "")
    what = f"propagate {num_objects} object{'s' if num_objects > 1 else ''}"
    return Figure(what, 1 / seconds, "frames/s", f"over {goal}", _bound(operations, peak, seconds))


def _tracked(session: TrackingSession, names: list[str], frame_index: int) -> list[str]:
    return [rle.encode(result.mask) for result in session.track_together(names, frame_index, "forward")]


def _bound(operations: int, peak: float, seconds: float) -> str:
    """The time its matrix products take at the machine's best, and how near that we are."""
    at_best = operations / peak
    return (
        f"{operations / 1e9:.1f} Gop: {1e3 * at_best:.0f} ms at {peak / 1e9:.0f} Gop/s, {at_best / seconds:.0%} of it"
    )
