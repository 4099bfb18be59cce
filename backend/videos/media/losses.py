"""What of a file could not be shown, told to the person who uploaded it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from backend.videos.media.source import Source

_CODECS_WITH_HIDDEN_FRAMES = {"vp8"}  # in which a packet need not be a frame that is shown


@dataclass(frozen=True, slots=True)
class Losses:
    """Numbers of frames that are missing before the first frame that decodes, and after it."""

    at_start: int
    later: int


def losses_of(packets: Sequence[int], frames: Sequence[int], *, has_fields: bool) -> Losses:
    """Compare when packets and decoded frames are shown, both ascending.

    Two packets may be one frame's two fields. So of an interlaced video not packets are counted but the frames that
    fit into the gap.
    """
    if not packets or not frames:
        return Losses(0, 0)
    before, after = bisect_left(packets, frames[0]), len(packets) - bisect_right(packets, frames[-1])
    gaps = [(end - begin, bisect_left(packets, end) - bisect_right(packets, begin)) for begin, end in pairwise(frames)]
    usual = median([gap for gap, _ in gaps if gap > 0] or [0])
    if not has_fields or usual == 0:
        return Losses(before, after + sum(num_packets for _, num_packets in gaps))
    inside = sum(round(gap / usual) - 1 for gap, num_packets in gaps if num_packets)
    return Losses(int((frames[0] - packets[0]) / usual), inside + int((packets[-1] - frames[-1]) / usual))


def warnings_about(source: Source, rate: Fraction) -> list[str]:
    """Predicates whose subject is the file's name."""
    shown = sorted(time for time in source.decoded_times if time is not None)
    num_frames = len(source.decoded_times)
    hides = source.facts["codec"] in _CODECS_WITH_HIDDEN_FRAMES
    lost = Losses(0, 0) if hides else losses_of(source.times, shown, has_fields=source.is_interlaced)
    warnings: list[str] = []
    if lost.at_start:
        seconds = f"{float(lost.at_start / rate):.1f}"
        warnings.append(
            "begins within a group of pictures: "
            f"its first {lost.at_start} frames ({seconds} s) could not be decoded and are missing"
        )
    if source.claimed_frames > source.num_packets:
        warnings.append(f"is truncated: {num_frames} of {source.claimed_frames} frames decoded")
    elif source.promised_seconds and (covered := _covered_seconds(source, rate)) < 0.97 * source.promised_seconds - 0.3:
        warnings.append(f"is truncated: it ends after {covered:.1f} of {source.promised_seconds:.1f} s")
    elif source.is_cut_short:
        warnings.append(f"is truncated: it could be read only up to frame {num_frames}")
    elif lost.later or source.num_damaged:
        missing = max(lost.later, 0 if lost.at_start else source.num_damaged)
        if missing:
            warnings.append(f"is damaged: {num_frames} of {num_frames + missing} frames decoded")
    if source.num_flawed and not any("truncated" in warning for warning in warnings):
        warnings.append(f"is damaged: {source.num_flawed} of its frames were decoded with errors")
    return warnings


def _covered_seconds(source: Source, rate: Fraction) -> float:
    if not source.times:
        return float(source.num_packets / rate)
    return float((source.times[-1] - source.times[0]) * source.time_base + 1 / rate)
