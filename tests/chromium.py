"""A Chromium for tests that look at Maskloom as people do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

_PATIENCE_MS = 20_000
"""Until what a page is expected to show. The library's five seconds are too few for a page on two busy cores."""

_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Only one at a time in a process: Playwright's loops do not nest."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=_path(), args=_FLAGS)
        yield running
        running.close()


def _path() -> str:
    """A Chromium that decodes H.264: the system's, or the one `make test` put in place."""
    path = os.environ.get("MASKLOOM_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.fail("no Chromium: run `make test`, which installs one, or set MASKLOOM_TEST_CHROMIUM")
    return path
