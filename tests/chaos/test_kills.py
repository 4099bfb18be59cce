"""Ten seeded kills in `make test`; `python -m tests.chaos --kills 50` for more."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.chaos.kills import KillingSpree
from tests.e2e.conftest import CHROMIUM_FLAGS, chromium_path
from tests.mini_weights import write_mini_weights
from tests.running import RunningMaskloom

pytestmark = [pytest.mark.timeout(1800), pytest.mark.long]


def test_no_mask_shown_as_saved_is_lost_in_ten_kills(tmp_path: Path) -> None:
    report = spree(kills=10, seed=20, folder=tmp_path)
    assert len(report.kills) == 10
    assert report.masks_shown > 20


def spree(*, kills: int, seed: int, folder: Path):
    running = RunningMaskloom(folder / "data", model=write_mini_weights(folder / "mini.safetensors"))
    running.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
            killing = KillingSpree(running, browser, seed, folder)
            killing.begin()
            for number in range(1, kills + 1):
                killing.kill_once()
                print(
                    f"{number}/{kills} {killing.report.kills[-1]}: {killing.report.masks_shown} masks safe", flush=True
                )
            killing.finish()
            browser.close()
            return killing.report
    finally:
        running.stop()
