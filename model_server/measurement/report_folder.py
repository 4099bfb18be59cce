"""A measurement as a folder: `report.json`, and `report.md` and `curves.svg` made from the JSON alone.

Reports on several clips can therefore be joined later: `maskloom evaluate report A.json B.json --out FOLDER`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model_server.line_chart import svg
from model_server.measurement.report_pages import PAGES, Page

Report = Mapping[str, Any]
JSON, MARKDOWN, PICTURE = "report.json", "report.md", "curves.svg"


class NotAReport(ValueError):
    """The file is not a report, or the reports cannot be joined."""


def write_report(report: Report, folder: Path) -> None:
    """Write all three files. `report` is the command's `--json` output; its `kind` names the command."""
    page = _page(report)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).write_text(json.dumps(report, indent=2) + "\n")
    charts = page.charts(report)
    picture = f"\n![Curves]({PICTURE})\n" if charts else ""
    (folder / MARKDOWN).write_text(f"{page.markdown(report)}{picture}")
    if charts:
        (folder / PICTURE).write_text(svg(charts))


def read_report(path: Path) -> Report:
    """Read a `report.json`, given its path or its folder. NotAReport for anything else."""
    file = path / JSON if path.is_dir() else path
    try:
        report = json.loads(file.read_text())
        _page(report)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise NotAReport(f"{file} is no report of maskloom evaluate: {error}") from error
    return report


def join_reports(reports: Sequence[Report]) -> Report:
    """One report on the objects of all. NotAReport for different measurements; ValueError for a clip measured twice."""
    kinds = {tuple(str(report.get(key)) for key in _page(report).same) for report in reports}
    if len({report["kind"] for report in reports}) > 1 or len(kinds) > 1:
        raise NotAReport("only reports of the same measurement can be joined")
    return reports[0] if len(reports) == 1 else _page(reports[0]).joined(reports)


def _page(report: Report) -> Page:
    kind = report.get("kind")
    if kind not in PAGES:
        raise NotAReport(f"kind {kind!r} is none of {', '.join(PAGES)}")
    return PAGES[kind]
