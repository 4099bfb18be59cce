"""Turn an uploaded file into a video of record, step by step."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from av.error import FFmpegError

from backend.videos.media import protocol
from backend.videos.media.companion import Companion
from backend.videos.media.copies import copy_packets, retime
from backend.videos.media.geometry import Orientation, orientation_of
from backend.videos.media.losses import warnings_about
from backend.videos.media.protocol import Made, Options
from backend.videos.media.proxy import Written, write_proxy
from backend.videos.media.rate import is_uniform, rate_of
from backend.videos.media.review import Review, review, write_filmstrip, write_frame_table
from backend.videos.media.source import Source, probe

_ENCODING_SHARE = 0.75  # of the time; the rest is the review
_WITH_TIMES = {"mov", "matroska"}  # demuxers of files that tell when each packet is shown

Report = Callable[[float, int, float | None], None]
"""Called with the frames done, the total, and frames per second if known."""


def transcode(path: Path, folder: Path, options: Options, report: Report) -> Made:
    """Make proxy, frame table, poster and filmstrip in the folder.

    Raises:
        Unusable: the file cannot become a video of record.
    """
    source = probe(path, options)
    seen, rate, warnings, source_pts = _copied(source, folder, report) or _encoded(source, folder, report)
    num_frames = len(source_pts)
    filmstrip = write_filmstrip(seen, folder / protocol.FILMSTRIP, num_frames=num_frames)
    write_frame_table(seen, folder / protocol.FRAME_TABLE, source_pts=source_pts, bases=(source.time_base, rate))
    if source.num_other_videos:
        others = (
            "another video stream" if source.num_other_videos == 1 else f"{source.num_other_videos} more video streams"
        )
        warnings.append(f"has {others}: only the first one is shown")
    return Made(
        width=seen.width,
        height=seen.height,
        num_frames=num_frames,
        fps_num=rate.numerator,
        fps_den=rate.denominator,
        filmstrip=filmstrip,
        source={**source.facts, "uniform": is_uniform(_times(source_pts), source.time_base, rate)},
        warnings=warnings,
    )


Done = tuple[Review, Fraction, list[str], list[int | None]]
"""What the review saw, the rate, what a person should know, and the source's time of each frame."""


def _copied(source: Source, folder: Path, report: Report) -> Done | None:
    """The source's own packets as the proxy, where they keep all its rules and show it by decoding."""
    copyable, rate = source.copyable, _rate_of(source, source.times)
    longest = max(source.facts["width"], source.facts["height"])
    if copyable is None or source.container.demuxer not in _WITH_TIMES or longest > source.options.long_side:
        return None
    if source.is_cut_short or source.claimed_frames > source.num_packets or len(source.times) != source.num_packets:
        return None
    if not copyable.at(rate, source.times, source.time_base):
        return None
    first = next(source.frames(), None)
    source.decoded_times.clear()
    if first is None or first.interlaced_frame or orientation_of(first) != Orientation():
        return None
    proxy, total = folder / protocol.PROXY, source.num_packets
    try:
        copy_packets(source.path, proxy, rate, demuxer=source.container.demuxer)
        seen = review(proxy, num_frames=total, rate=rate, on_frame=lambda count: report(count, total, None))
    except (AssertionError, FFmpegError):
        return None  # the packets promised more than they hold
    return seen, rate, [], list(source.times)


def _encoded(source: Source, folder: Path, report: Report) -> Done:
    rate = _rate_of(source, source.times)
    expected = max(len(source.times), source.num_packets, 1)
    started = time.monotonic()

    def encoded(count: int) -> None:
        report(count * _ENCODING_SHARE, max(expected, count), count / max(time.monotonic() - started, 1e-3))

    proxy = folder / protocol.PROXY
    with Companion(proxy, expected) as companion:
        written = write_proxy(source, proxy, rate, on_frame=encoded, companion=companion)
        num_frames = len(written.source_pts)
        # Packets may be fields, hidden or undecodable: only the frames tell the rate.
        if (shown := _rate_of(source, _times(written.source_pts) or source.times)) != rate:
            retime(proxy, rate := shown)
        seen = companion.review(rate) if num_frames == expected else None

    def reviewed(count: int) -> None:
        report(num_frames * _ENCODING_SHARE + count * (1 - _ENCODING_SHARE), num_frames, None)

    seen = seen or review(proxy, num_frames=num_frames, rate=rate, on_frame=reviewed)
    return seen, rate, [*warnings_about(source, rate), *_notes(source, written)], written.source_pts


def _notes(source: Source, written: Written) -> list[str]:
    """What was changed in the pictures. Each note is a predicate whose subject is the file's name."""
    notes: list[str] = []
    if source.is_interlaced:
        notes.append("is interlaced: each frame was made whole from its two fields")
    if written.changes_size:
        notes.append("changes its picture size midway: all frames were scaled to the first one's size")
    if written.high_range is not None:
        notes.append("is high dynamic range: its colors were mapped to standard range")
    return notes


def _rate_of(source: Source, times: list[int]) -> Fraction:
    return rate_of(times, source.time_base, nominal=source.nominal_rate)


def _times(source_pts: list[int | None]) -> list[int]:
    return sorted(pts for pts in source_pts if pts is not None)
