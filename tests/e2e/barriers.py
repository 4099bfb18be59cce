"""What keeps somebody out of a page as it is: what is too wide or covered, and what axe finds."""

from itertools import combinations
from typing import Any

from playwright.sync_api import Page

from tests.architecture.repository import ROOT

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def barriers(page: Page, name: str, width: int) -> list[str]:
    """Of the page that is open, at this width of the window."""
    found = misfits(page, name, width)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text())
    return found + [f"{name} at {width}: {what}" for what in _violations(page)]


def misfits(page: Page, name: str, width: int) -> list[str]:
    """Only what is too wide or covered, which takes a hundredth of the time."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(DRAWN)
    return [f"{name} at {width}: {what}" for what in _misfits(page)]


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
        "rules => axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
