"""Steps of people who sign in, and pictures of what they see."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"
PICTURES = os.environ.get("MASKLOOM_TEST_PICTURES", "")  # a folder: every step leaves a picture to look at


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.get_by_test_id(name).fill(text)


def use_link(page: Page, link: str, *, name: str) -> None:
    """Make the account a one-time link is for; one is signed in then."""
    page.goto(link)
    expect(page.get_by_test_id("welcome")).to_be_visible()
    look(page, f"welcome-{name}")
    fill(page, name=name, login=name.lower(), password=PASSWORD)
    page.get_by_test_id("welcome-go").click()
    expect(page.get_by_test_id("account-chip")).to_contain_text(name)
