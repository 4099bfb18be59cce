"""Both sides have the same figures."""

import re

from backend.insights.figures.registry import FIGURES
from tests.architecture.repository import ROOT


def test_the_page_shows_every_figure_and_no_other() -> None:
    text = (ROOT / "frontend" / "src" / "insights" / "registry.ts").read_text()
    listed = re.search(r"FIGURES = \{(.*?)\}", text, re.DOTALL)
    assert listed
    assert re.findall(r"^\s+(\w+):", listed.group(1), re.MULTILINE) == list(FIGURES)
