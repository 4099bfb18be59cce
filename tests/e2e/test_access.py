"""Everybody gets through: by keyboard, at any width, with any eyes."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.architecture.repository import ROOT
from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom

WIDTHS = (1440, 1024, 720, 390)  # 720 is half of 1440: the same page at a zoom of 200 %
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.long
def test_pages_fit_every_width_and_pass_axe(browser: Browser, maskloom: RunningMaskloom, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=maskloom.url)
    page = context.new_page()
    project = create_project(page, "Access")
    video = upload(page, project, write_clip(tmp_path / "a name of some length, as cameras give.mp4", "constant", 12))
    workspace = open_workspace(page, video)
    workspace.click(84, 140)
    found: list[str] = []
    for number, (path, ready) in enumerate(_pages(project, video)):
        widths = WIDTHS if number % 2 else WIDTHS[::-1]  # pages are opened both wide and narrow, and then resized
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(path)
        expect(page.locator(ready).first).to_be_visible(timeout=WAIT_MS)
        page.wait_for_load_state("networkidle") if "videos" not in path else page.wait_for_timeout(300)
        page.evaluate(AXE.read_text())
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(DRAWN)
            found += [f"{path} at {width}: {what}" for what in (*_misfits(page), *_violations(page))]
    context.close()
    assert found == [], "\n".join(found)


def test_tab_leaves_the_stage_and_space_presses_what_tab_reached(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "keys.mp4", "constant", num_frames=12)
    workspace = open_workspace(page, upload(page, create_project(page, "Keys"), clip))
    workspace.click(84, 140)
    for key in ("Tab", "Shift+Tab"):
        workspace.stage.focus()
        page.keyboard.press(key)
        assert not _is_focused(page, "stage"), key

    _tab_to(page, "open-shortcuts", workspace)
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_test_id("objects").get_by_role("button").first.click()
    page.keyboard.press("Space")
    workspace.wait_for("window.maskloom.state.playRate !== 0")


def _pages(project: str, video: str) -> list[tuple[str, str]]:
    """Every page by its address and by what shows that it is there."""
    at = f"/projects/{project}"
    names = ("tasks", "review", "studies", "insights", "model", "members")
    return [
        ("/", "h1"),
        (at, "h1"),
        *((f"{at}/{name}", "h1") for name in names),
        (f"/videos/{video}", "[data-testid=objects]"),
        ("/model", "h1"),
        ("/account", "h1"),
        ("/nowhere", "h1"),
    ]


def _misfits(page: Page) -> list[str]:
    """What is wider than the window, and the parts of the top bar that lie on each other."""
    found: list[str] = []
    width, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if width > window:
        found.append(f"{width} px wide")
    boxes: list[dict[str, Any]] = page.evaluate(
        """[...document.querySelectorAll('header a, header button, header [role=status], header [data-testid=phase]')]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 2)
        .filter((part) => !part.querySelector('a, button') && !part.closest('button, a')?.contains(part.parentElement))
        .map((part) => ({ text: part.textContent, ...part.getBoundingClientRect().toJSON() }))"""
    )
    for one, other in combinations(boxes, 2):
        wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
        high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
        if wide > 1 and high > 1:
            found.append(f"{one['text']!r} lies on {other['text']!r}")
    found += [f"{box['text']!r} is outside" for box in boxes if box["left"] < 0 or box["right"] > window + 1]
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} first headings")
    return found


def _violations(page: Page) -> list[str]:
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, { runOnly: { type: 'tag', values: rules } })", RULES
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


def _is_focused(page: Page, test_id: str) -> bool:
    return page.evaluate("id => document.activeElement?.dataset.testid === id", test_id)


def _tab_to(page: Page, test_id: str, workspace: Workspace) -> None:
    workspace.stage.focus()
    for _ in range(100):
        page.keyboard.press("Shift+Tab")
        if _is_focused(page, test_id):
            return
    raise AssertionError(f"Tab never came to {test_id}")
