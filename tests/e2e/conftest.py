"""One running Maskloom and one real Chromium for the end-to-end tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import RunningMaskloom

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """A Chromium that decodes H.264: the system's, or the one `make test` put in place."""
    path = os.environ.get("MASKLOOM_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.fail("no Chromium: run `make test`, which installs one, or set MASKLOOM_TEST_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def maskloom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMaskloom]:
    running = RunningMaskloom(tmp_path_factory.mktemp("maskloom") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, maskloom: RunningMaskloom, tmp_path: Path) -> Iterator[Page]:
    """A fresh page at 1440 x 900. Console errors and page errors fail the test that caused them."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=maskloom.url, accept_downloads=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
