"""One running Maskloom for the end-to-end tests, and pages of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.running import RunningMaskloom


@pytest.fixture(scope="session")
def maskloom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMaskloom]:
    running = RunningMaskloom(tmp_path_factory.mktemp("maskloom") / "data")
    running.start()
    yield running
    running.stop()


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
