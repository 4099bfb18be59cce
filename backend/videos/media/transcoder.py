"""Turn an uploaded file into a video of record, step by step."""

import time
from collections.abc import Callable
from pathlib import Path

from backend.videos.media import protocol
from backend.videos.media.protocol import Made, Options
from backend.videos.media.proxy import Written, write_proxy
from backend.videos.media.rate import is_uniform, rate_of
from backend.videos.media.review import review, write_filmstrip, write_frame_table
from backend.videos.media.source import Source, probe

_ENCODING_SHARE = 0.75  # of the time; the rest is the review

Report = Callable[[float, int, float | None], None]
"""Called with the frames done, the total, and frames per second if known."""


def transcode(path: Path, folder: Path, options: Options, report: Report) -> Made:
    """Make proxy, frame table, poster and filmstrip in the folder.

    Raises:
        Unusable: the file cannot become a video of record.
    """
    source = probe(path, options)
    rate = rate_of(source.times, source.time_base, nominal=source.nominal_rate)
    expected = max(len(source.times), source.num_packets, 1)
    started = time.monotonic()

    def encoded(count: int) -> None:
        total = max(expected, count)
        report(count * _ENCODING_SHARE, total, count / max(time.monotonic() - started, 1e-3))

    proxy = folder / protocol.PROXY
    written = write_proxy(source, proxy, rate, on_frame=encoded)
    num_frames = len(written.source_pts)

    def reviewed(count: int) -> None:
        report(num_frames * _ENCODING_SHARE + count * (1 - _ENCODING_SHARE), num_frames, None)

    seen = review(proxy, num_frames=num_frames, rate=rate, on_frame=reviewed)
    filmstrip = write_filmstrip(seen, folder / protocol.FILMSTRIP, num_frames=num_frames)
    write_frame_table(
        seen, folder / protocol.FRAME_TABLE, source_pts=written.source_pts, bases=(source.time_base, rate)
    )
    return Made(
        width=seen.width,
        height=seen.height,
        num_frames=num_frames,
        fps_num=rate.numerator,
        fps_den=rate.denominator,
        filmstrip=filmstrip,
        source={**source.facts, "uniform": is_uniform(source.times, source.time_base, rate)},
        warnings=_warnings(source, written),
    )


def _warnings(source: Source, written: Written) -> list[str]:
    """What a person should know about the file. Each warning is a predicate whose subject is the file's name."""
    warnings: list[str] = []
    num_frames = len(written.source_pts)
    if source.claimed_frames > source.num_packets:
        warnings.append(f"is truncated: {num_frames} of {source.claimed_frames} frames decoded")
    elif source.num_damaged:
        warnings.append(f"is damaged: {num_frames} of {source.num_packets} frames decoded")
    if written.changes_size:
        warnings.append("changes its picture size midway: all frames were scaled to the first one's size")
    if written.is_hdr:
        warnings.append("is high dynamic range: its proxy is standard range and looks paler")
    return warnings
