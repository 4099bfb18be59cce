"""Light of high dynamic range on a screen of standard range."""

import struct

import numpy as np
import pytest

from model_server.pictures.tone_map import HighRange, standard_range
from tests.graded_clip import pq


@pytest.mark.parametrize("peak", [400.0, 1000.0, 4000.0, 10000.0])
def test_brighter_stays_brighter_up_to_the_peak(peak: float) -> None:
    signal = pq(np.geomspace(0.01, peak, 200))
    shown = standard_range(np.stack([signal] * 3, axis=1), HighRange(is_pq=True, is_wide=True, peak=peak))[:, 1]
    assert (np.diff(shown) >= -1e-9).all()
    assert shown[-1] == pytest.approx(1, abs=1e-3)


def test_standard_light_is_kept_when_the_peak_is_diffuse_white() -> None:
    light = np.linspace(0.05, 1, 20)
    shown = standard_range(np.stack([pq(203 * light)] * 3, axis=1), HighRange(is_pq=True, is_wide=True, peak=203))
    assert shown == pytest.approx(np.stack([light ** (1 / 2.4)] * 3, axis=1), abs=2e-3)


class _Tagged:
    """The tags of a decoded frame."""

    color_trc, color_primaries = 16, 9

    def __init__(self, **side_data: bytes) -> None:
        self.side_data = side_data


@pytest.mark.parametrize(
    ("light", "mastering", "peak"),
    [
        (0, None, 1000),
        (600, None, 600),
        (0, (4000, 1), 4000),
        (1200, (4000, 1), 1200),
        (0, (0, 0), 1000),
        (50, None, 203),
    ],
)
def test_the_peak_is_what_the_file_tells(light: int, mastering: tuple[int, int] | None, peak: float) -> None:
    told = {"CONTENT_LIGHT_LEVEL": struct.pack("=2I", light, 0)}
    if mastering:
        told["MASTERING_DISPLAY_METADATA"] = bytes(72) + struct.pack("=2i", *mastering) + bytes(8)
    kind = HighRange.of(_Tagged(**told))  # type: ignore[arg-type]
    assert kind is not None
    assert kind.peak == peak
