"""`maskloom evaluate masks` gives the official evaluation's tables, to four decimals."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_server.measurement.commands import app

GOLDEN = Path(__file__).parents[4] / "shared" / "golden" / "evaluation"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/expected.json"))
ABSENT = [pytest.param("none", marks=pytest.mark.skip("the official tables are not beside this checkout"))]


@pytest.mark.parametrize("ends", ["skipped", "scored"])
@pytest.mark.parametrize("case", CASES or ABSENT)
def test_tables_are_the_official_ones(case: str, ends: str) -> None:
    mode = "default_skip_first_and_last" if ends == "skipped" else "do_not_skip_first_and_last_frame"
    expected = json.loads((GOLDEN / case / "expected.json").read_text())["modes"][mode]
    folders = ["--gt", str(GOLDEN / case / "gt"), "--pred", str(GOLDEN / case / "pred")]
    result = CliRunner().invoke(app, ["masks", *folders, "--json", *(["--all-frames"] if ends == "scored" else [])])
    assert result.exit_code == 0, result.output
    ours = json.loads(result.stdout)
    assert ours["mean"] == pytest.approx(expected["global_"], abs=1e-4)
    assert set(ours["objects"]) == set(expected["per_object"])
    for name, scores in expected["per_object"].items():
        assert ours["objects"][name] == pytest.approx(scores, abs=1e-4), name
