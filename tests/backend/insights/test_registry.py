"""Registry, body and page have the same figures."""

import re

from backend.insights.figures.registry import FIGURES
from backend.insights.schemas import InsightsRead
from tests.architecture.repository import ROOT


def test_a_page_is_sent_every_figure() -> None:
    """A figure without a field would be computed and dropped."""
    sent = {name: field.annotation for name, field in InsightsRead.model_fields.items() if name in FIGURES}
    assert sent == {name: list[figure.row] for name, figure in FIGURES.items()}  # type: ignore[name-defined]


def test_the_page_shows_every_figure_and_no_other() -> None:
    text = (ROOT / "frontend" / "src" / "insights" / "registry.ts").read_text()
    listed = re.search(r"FIGURES = \{(.*?)\}", text, re.DOTALL)
    assert listed
    assert re.findall(r"^\s+(\w+):", listed.group(1), re.MULTILINE) == list(FIGURES)
