"""Ten seeded kills in `make test`; `python -m tests.chaos --kills 50` for more."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chaos.kills import KillingSpree, Report
from tests.mini_weights import write_mini_weights
from tests.running import RunningMaskloom

pytestmark = [pytest.mark.timeout(1800), pytest.mark.long]


def test_no_mask_shown_as_saved_is_lost_in_ten_kills(browser: Browser, tmp_path: Path) -> None:
    report = spree(browser, kills=10, seed=20, folder=tmp_path)
    assert len(report.kills) == 10
    assert report.masks_shown > 20


def spree(browser: Browser, *, kills: int, seed: int, folder: Path) -> Report:
    running = RunningMaskloom(folder / "data", model=write_mini_weights(folder / "mini.safetensors"))
    running.start()
    try:
        killing = KillingSpree(running, browser, seed, folder)
        killing.begin()
        for number in range(1, kills + 1):
            killing.kill_once()
            print(f"{number}/{kills} {killing.report.kills[-1]}: {killing.report.masks_shown} masks safe", flush=True)
        killing.finish()
        return killing.report
    finally:
        running.stop()
