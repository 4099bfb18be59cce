"""Curves as pictures: what is drawn is what was written down."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from model_server.line_chart import Chart, Line, svg, ticks
from model_server.training.curves import draw_curves
from model_server.training.progress import CsvLog

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_a_run_shows_its_losses_and_what_it_reaches_on_held_out_clips(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text(
        "step,loss,affinity,tracked_iou,gradient\n20,3.5,nan,0.1,1\n40,2.5,nan,0.2,2\n"
    )
    (tmp_path / "validation.csv").write_text("step,one_click_iou\n40,0.3\n")
    shown = texts(draw_curves(tmp_path).read_text())
    assert {"loss", "tracked iou", "one click iou"} <= set(shown)
    assert "affinity" not in shown  # never measured


def test_a_run_that_goes_on_with_other_columns_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "losses.csv"
    path.write_text("step,loss,gone\n20,3.5,1\n40,2.5,1\n")
    log = CsvLog(path, first_step=20)
    log.append({"step": 40, "loss": 2.0, "propagation": 0.5})
    log.append({"step": 60, "loss": 1.0, "propagation": 0.25})
    assert path.read_text().split() == ["step,loss,propagation", "20,3.5,nan", "40,2,0.5", "60,1,0.25"]
    assert "propagation" in texts(draw_curves(tmp_path).read_text())


def test_a_run_without_numbers_says_so(tmp_path: Path) -> None:
    assert texts(draw_curves(tmp_path).read_text()).count("nothing measured yet") == 4


def test_higher_values_are_higher_up_and_later_ones_further_right() -> None:
    picture = svg([Chart("c", "step", [Line("a", [(0, 1.0), (10, 2.0), (20, float("nan")), (30, 4.0)])], low=0)])
    path = next(e for e in ElementTree.fromstring(picture).iter(f"{SVG}path") if e.get("stroke-width"))
    points = [tuple(map(float, pair.split())) for pair in re.split("[ML]", path.get("d") or "")[1:]]
    assert len(points) == 3
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


def test_names_at_the_ends_of_lines_never_cover_each_other() -> None:
    lines = [Line(f"line {index}", [(0, 0.5), (1, 0.5 + index / 1000)]) for index in range(8)]
    root = ElementTree.fromstring(svg([Chart("c", "step", lines, low=0, high=1)]))
    at = sorted(float(e.get("y") or 0) for e in root.iter(f"{SVG}text") if (e.text or "").startswith("line"))
    assert all(later - earlier >= 12 for earlier, later in pairwise(at))
    assert at[0] > 0
    assert at[-1] < 270


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 7, [0, 2, 4, 6, 8]), (3, 3, [3, 3.5])]
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    found = ticks(low, high)
    if low == high:
        assert found[0] <= low <= found[-1]
    else:
        assert found == pytest.approx(expected)


def test_names_are_text_and_never_markup() -> None:
    assert "<script>" in texts(svg([Chart("<script>", "a & b", [Line("<b>", [(0, 1), (1, 2)])])]))
