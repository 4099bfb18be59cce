"""A whole study on a small clip with the smallest real network: database, backend and model server are all there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from backend.app import create_app
from backend.cli import app
from backend.settings import Settings
from backend.simulation.clips import clips_in, drawn_truths
from backend.simulation.clock import SimulatedClock
from backend.simulation.person import Habits
from backend.simulation.report import agrees, as_json, table
from backend.simulation.site import running_site
from backend.simulation.study import SimulatedSitting, Studied, StudyPlan, run_study
from backend.tables.states import Phase
from tests.architecture.repository import ROOT
from tests.backend.model_process import ModelProcess
from tests.clips import draw_frame
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 13
ABSENT = 8  # by the truth, whatever the picture shows
HABITS = Habits(brush_seconds=42.0, reply_seconds=0.3)  # longer than the idle limit, and longer than a heartbeat


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips") / "ball"
    (folder / "masks").mkdir(parents=True)
    write_proxy(folder / "video.mp4", NUM_FRAMES)
    for index in range(0, NUM_FRAMES, 4):
        truth = draw_frame(index).truth & (index != ABSENT)
        Image.fromarray(truth.astype(np.uint8)).save(folder / "masks" / f"{index:05}.png")
    return folder


@pytest.fixture(scope="module")
def studied(clip_folder: Path, shared_dir: Path, one_model_process: ModelProcess) -> Studied:
    one_model_process.ensure_running()
    settings = Settings(data_dir=shared_dir / "study", database_url="", redis_url="", model_url=one_model_process.url)
    clock = SimulatedClock()
    with running_site(settings, clock) as api:
        plan = StudyPlan(clips_in(clip_folder), NUM_FRAMES, HABITS, seed=3)
        return run_study(api, clock, plan, lambda _message: None)


def rows(studied: Studied) -> dict[str, dict[str, Any]]:
    return {row["phase"]: row for row in as_json(studied)["phases"]}


@pytest.mark.long
def test_the_log_gives_the_simulated_seconds_of_every_phase(studied: Studied) -> None:
    assert [sitting.phase for sitting in studied.sittings] == list(Phase)
    for row in rows(studied).values():
        assert row["simulated_seconds"] > 10
        assert abs(row["derived_seconds"] / row["simulated_seconds"] - 1) < 0.01
        assert abs(row["seconds_per_frame"] / (row["simulated_seconds"] / 4) - 1) < 0.01
    assert agrees(studied)


def test_phase_one_edits_every_frame_and_nothing_is_carried_there(studied: Studied) -> None:
    assert rows(studied)["sam_per_frame"]["edited_frames"] == 1.0
    assert studied.rows[Phase.sam_per_frame]["propagations_per_masklet"]["value"] == 0
    assert studied.rows[Phase.sam2]["propagations_per_masklet"]["value"] >= 1


def test_every_phase_ends_with_masks_that_agree_with_those_of_phase_one(studied: Studied) -> None:
    assert rows(studied)["sam_per_frame"]["alignment"] is None
    for phase in (Phase.sam_plus_sam2_mask, Phase.sam2):
        assert studied.rows[phase]["alignment"]["count"] == 1
        assert studied.rows[phase]["presence_agreement"]["value"] == 1.0


def test_the_model_takes_its_simulated_time_and_the_log_shows_it_as_waiting(studied: Studied) -> None:
    first = studied.rows[Phase.sam_per_frame]
    clicks = sum(row["clicks_per_clicked_frame"] for row in rows(studied).values() if row["phase"] == "sam_per_frame")
    assert first["waiting_seconds"] == pytest.approx(0.3 * 3 * clicks, rel=0.01)  # on 3 frames: it is absent from one


def test_the_report_has_the_figures_of_the_paper_beside_ours(studied: Studied) -> None:
    for row in as_json(studied)["phases"]:
        assert {"phase", "seconds_per_frame", "edited_frames", "clicks_per_clicked_frame", "alignment"} <= row.keys()
    lines = list(table(studied))
    assert "(37.8)" in lines[1]
    assert "(4.5)" in lines[3]


def test_seconds_that_differ_by_more_than_a_percent_do_not_agree() -> None:
    def study(derived: float) -> Studied:
        zero = {"waiting_seconds": 0.0, "reviewing_seconds": 0.0, "shared_seconds": 0.0, "num_masklets": 1}
        figures = {name: {"value": 0.5} for name in ("edited_frames", "clicks_per_clicked_frame", "alignment")}
        row = {"active_seconds": derived, "seconds_per_frame": {"value": derived / 10}, **zero, **figures}
        return Studied([SimulatedSitting(phase, 100.0, 10) for phase in Phase], {phase: dict(row) for phase in Phase})

    assert agrees(study(100.9))
    assert agrees(study(99.1))
    assert not agrees(study(101.1))
    assert not agrees(study(98.9))


def test_no_route_accepts_a_clock() -> None:
    description = create_app(Settings()).openapi()
    named = {
        parameter["name"].lower()
        for operations in description["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
    }
    sent = {
        field
        for name, schema in description["components"]["schemas"].items()
        if name.startswith("Activity")
        for field in schema.get("properties", {})
    }
    assert "since" in named
    assert "client_monotonic_ms" in sent
    stamps = {"clock", "now", "created_at", "received_at", "server_time", "age_seconds"}
    assert stamps & (named | sent) == set()


def test_the_drawn_clip_knows_what_hides_what() -> None:
    truths = drawn_truths()
    assert sorted(truths) == ["Ball", "Balloon", "Car", "Kite"]
    assert any(not mask.any() for mask in truths["Balloon"].values())  # it rises out of the picture
    for frame in truths["Ball"]:
        assert sum(masks[frame].astype(int) for masks in truths.values()).max() <= 1
    areas = [int(mask.sum()) for mask in truths["Ball"].values()]
    assert 2500 < max(areas) < 3000
    assert min(areas) < 0.8 * max(areas)  # behind the post


def test_a_folder_without_clips_and_one_with_data_are_refused(tmp_path: Path) -> None:
    runner = CliRunner()
    empty = runner.invoke(app, ["simulate", "study", "--clips", str(tmp_path)])
    assert empty.exit_code == 1
    assert "holds no clip" in empty.output
    (tmp_path / "postgres").mkdir()
    used = runner.invoke(app, ["simulate", "study", "--data-dir", str(tmp_path)])
    assert used.exit_code == 2


@pytest.mark.slow
def test_the_command_runs_alone_and_whatever_the_environment_says(clip_folder: Path, mini_weights: Path) -> None:
    environment = os.environ | {"MASKLOOM_DATABASE_URL": "postgresql://nowhere/", "MASKLOOM_SIGN_IN": "accounts"}
    command = ["simulate", "study", "--clips", str(clip_folder), "--model", str(mini_weights), "--json"]
    result = subprocess.run(
        [sys.executable, "-m", "backend", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads(result.stdout)["agrees"] is True
    assert "sam2: object 1 of 1" in result.stderr
