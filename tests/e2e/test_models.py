"""Choosing a model in a real browser: what answers the next click, and what a person is told when it is gone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from model_server.models.catalogue.addition import add
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.sam2.config import PRESETS
from tests.clips import draw_frame, write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.mini_weights import VISIBLE
from tests.model_server.recipe_weights import recipe_network
from tests.running import RunningMaskloom

NAME = "birds"


@pytest.fixture
def catalogue(maskloom: RunningMaskloom) -> Catalogue:
    return Catalogue(maskloom.data_dir / "models")


@pytest.fixture
def birds(catalogue: Catalogue, tmp_path: Path) -> Iterator[Entry]:
    torch.save({"model": recipe_network(PRESETS["mini"], VISIBLE).state_dict()}, tmp_path / "birds.pt")
    yield add(catalogue, tmp_path / "birds.pt", name=NAME)
    if any(entry.name == NAME for entry in catalogue.entries()):
        catalogue.remove(NAME)


def choose(page: Page, project_id: str, model: str) -> None:
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("project-settings-button").click()
    page.get_by_test_id("project-model").select_option(model)
    page.get_by_test_id("save-settings").click()
    expect(page.get_by_test_id("project-settings")).to_have_count(0)


def test_a_project_s_model_is_changed_between_two_clicks(
    page: Page, birds: Entry, catalogue: Catalogue, tmp_path: Path
) -> None:
    project_id = create_project(page, "Two models")
    video_id = upload(page, project_id, write_clip(tmp_path / "ball.mp4", "constant", num_frames=24))
    workspace = open_workspace(page, video_id)
    rows, columns = np.nonzero(draw_frame(8).truth)
    target = float(columns.mean()), float(rows.mean())
    workspace.step_to(8)
    workspace.click(*target)
    workspace.until(lambda: bool(workspace.masks()), what="a mask after the click")
    (masklet, _frame), first = next(iter(workspace.masks().items()))
    details = page.get_by_test_id("frame-details")
    expect(details).to_contain_text(f"builtin {first['model_version']}")

    choose(page, project_id, NAME)
    expect(page.get_by_text(f"model {NAME}")).to_be_visible()
    workspace.open()
    workspace.step_to(12)
    page.get_by_test_id("object-1").get_by_role("button").first.click()
    workspace.click(*target)
    workspace.until(lambda: (masklet, 12) in workspace.masks(), what="a mask of the other model")
    expect(details).to_contain_text(f"{NAME} {birds.version}")
    expect(page.get_by_test_id("model-chip")).to_contain_text(NAME)
    assert workspace.masks()[masklet, 8]["id"] == first["id"]

    page.goto("/model")
    row = page.get_by_test_id("models").get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text("Two models")
    expect(row).to_contain_text(birds.version)
    row.get_by_role("button").click()
    expect(page.get_by_test_id("model-page")).to_contain_text(birds.digest)

    catalogue.remove(NAME)
    page.reload()
    expect(page.get_by_test_id("missing-model")).to_contain_text("Two models")
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("project-settings-button").click()
    expect(page.get_by_test_id("project-settings")).to_contain_text("maskloom models add")
    page.get_by_test_id("project-model").select_option("")
    page.get_by_test_id("save-settings").click()
    expect(page.get_by_text("default model")).to_be_visible()
