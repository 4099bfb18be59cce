"""Ten seeded strikes and a full disk while a browser paints; `python -m tests.chaos --kills 50` for more."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chaos.painting import Painting, PaintingReport
from tests.mini_weights import write_mini_weights
from tests.redis_process import RedisProcess, redis_running
from tests.running import RunningMaskloom
from tests.small_disk import SmallDisk, small_disk

pytestmark = [pytest.mark.timeout(1800), pytest.mark.long]
DISK_BYTES = 700 * 1024 * 1024


def test_every_stroke_arrives_once_and_in_order_through_ten_strikes_and_a_full_disk(
    browser: Browser, tmp_path: Path
) -> None:
    report = paint_through(browser, strikes=10, seed=7, folder=tmp_path)
    assert len(report.strikes) >= 10
    assert report.strokes > 20
    assert report.said != ["Saved"]


def paint_through(browser: Browser, *, strikes: int, seed: int, folder: Path) -> PaintingReport:
    """The disk is filled in the middle and at the end."""
    with ExitStack() as stack:
        disk = stack.enter_context(_disk_if_possible(folder / "disk"))
        redis = stack.enter_context(_redis_if_possible(folder / "redis"))
        mini = write_mini_weights(folder / "mini.safetensors")
        running = RunningMaskloom(folder / "disk" / "data", redis_url=redis.url if redis else "", model=mini)
        stack.callback(running.stop)
        running.start()
        painting = Painting(running, browser, seed, folder=folder, redis=redis, disk=disk)
        painting.begin()
        for number in range(1, strikes + 1):
            painting.strike_once()
            print(f"{number}/{strikes} {painting.report.strikes[-1]}", flush=True)
            if disk is not None and number in {strikes // 2, strikes}:
                painting.fill_disk(wal=number == strikes)
                print(painting.report.strikes[-1], flush=True)
        painting.finish()
        return painting.report


@contextmanager
def _disk_if_possible(folder: Path) -> Iterator[SmallDisk | None]:
    """None where no small disk may be mounted; everything else is tried all the same."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(folder, num_bytes=DISK_BYTES))
        except pytest.skip.Exception as reason:
            print(reason)
            disk = None
        yield disk


@contextmanager
def _redis_if_possible(folder: Path) -> Iterator[RedisProcess | None]:
    with ExitStack() as stack:
        try:
            redis = stack.enter_context(redis_running(folder))
        except pytest.skip.Exception as reason:
            print(reason)
            redis = None
        yield redis
