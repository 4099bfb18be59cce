"""The proxy's exact frame rate: frame i of the video of record is shown at i / rate."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

_USUAL = [Fraction(n) for n in (5, 6, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)] + [
    Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)
]
_SLOWEST, _FASTEST = Fraction(1), Fraction(240)
_TOLERANCE = Fraction(1, 1000)
_DEFAULT = Fraction(25)


def rate_of(times: Sequence[int], time_base: Fraction, *, nominal: Fraction | None) -> Fraction:
    """Frames per second: the nominal rate if the times confirm it, otherwise the average, as a simple fraction.

    `times` are ascending presentation times in `time_base` seconds; they may repeat and be uneven.
    """
    if nominal is not None and _mostly_at(nominal, times, time_base):
        measured = nominal  # even if a truncated file skips frames at its end
    else:
        measured = _average(times, time_base) or nominal or _DEFAULT
    candidates = [*([nominal] if nominal else []), *_USUAL]
    nearest = min(candidates, key=lambda rate: abs(rate - measured))
    is_near = abs(nearest - measured) <= measured * _TOLERANCE
    rate = nearest if is_near else Fraction(round(measured * 100), 100)
    return min(max(rate.limit_denominator(1001), _SLOWEST), _FASTEST)


def is_uniform(times: Sequence[int], time_base: Fraction, rate: Fraction) -> bool:
    """Whether every frame is within half a frame, plus the container's rounding, of its time at this rate."""
    if not times:
        return True
    slack = Fraction(1, 2) / rate + time_base
    return all(abs((t - times[0]) * time_base - i / rate) <= slack for i, t in enumerate(times))


def _mostly_at(rate: Fraction, times: Sequence[int], time_base: Fraction) -> bool:
    """Whether nine out of ten frames have the duration that the rate implies, up to the container's rounding."""
    steps = [(after - before) * time_base for before, after in pairwise(times)]
    expected = 1 / rate
    return bool(steps) and sum(abs(step - expected) <= time_base for step in steps) >= 0.9 * len(steps)


def _average(times: Sequence[int], time_base: Fraction) -> Fraction | None:
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    return (len(times) - 1) / ((times[-1] - times[0]) * time_base)
