"""The retraining loop in a real browser: what was verified tunes a model, and a person decides about it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Page, expect

from model_server.models.catalogue.addition import add
from model_server.models.catalogue.folder import Catalogue
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from tests.backend.workplace import Annotator, StoredVideo
from tests.clips import draw_frame, write_clip
from tests.e2e.main_job import create_project, upload
from tests.e2e.test_models import VISIBLE, choose
from tests.model_server.recipe_weights import recipe_network
from tests.running import RunningMaskloom

pytestmark = pytest.mark.slow  # it trains: minutes on a machine that others use

BASE, TUNED = "small", "small-tuned"
STRIDE = 4
MILLISECONDS = 240_000


@pytest.fixture
def small(maskloom: RunningMaskloom, tmp_path: Path) -> Iterator[Catalogue]:
    """The network at its smallest: a step of training takes a fraction of a second."""
    catalogue = Catalogue(maskloom.data_dir / "models")
    save(
        recipe_network(replace(PRESETS["mini"], image_size=128), VISIBLE),
        tmp_path / "s.safetensors",
        card="",
        metrics={},
    )
    add(catalogue, tmp_path / "s.safetensors", name=BASE)
    yield catalogue
    for name in (BASE, TUNED):
        if any(entry.name == name for entry in catalogue.entries()):
            catalogue.remove(name)


def verify(url: str, project_id: str, video_id: str, num_frames: int) -> None:
    """Draw an object on every annotated frame, and call it satisfactory."""

    async def work() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            person = Annotator(client, StoredVideo(UUID(project_id), UUID(video_id), num_frames))
            masklet = await person.create_masklet()
            for frame in range(0, num_frames, STRIDE):
                assert (await person.draw(masklet, frame, draw_frame(frame).truth)).is_success
            assert (await person.verdict(masklet, "satisfactory")).is_success

    with ThreadPoolExecutor() as pool:  # this thread has the browser's event loop
        pool.submit(asyncio.run, work()).result()


def test_a_project_tunes_its_model_compares_uses_it_and_rolls_back(
    page: Page, maskloom: RunningMaskloom, small: Catalogue, tmp_path: Path
) -> None:
    project_id = create_project(page, "Loop")
    choose(page, project_id, BASE)
    page.goto(f"/projects/{project_id}/model")
    expect(page.get_by_test_id("tuning-obstacle")).to_contain_text("no video has one")
    expect(page.get_by_test_id("start-tuning")).to_be_disabled()

    for name, length in (("first.mp4", 16), ("second.mp4", 12)):
        video_id = upload(page, project_id, write_clip(tmp_path / name, "constant", num_frames=length))
        verify(maskloom.url, project_id, video_id, length)
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("project-model-link").click()
    plan = page.get_by_test_id("tuning-plan")
    expect(plan).to_have_text(f"2 verified masklets on 2 videos: 1 to train {BASE} on, 1 held out to judge by.")
    page.get_by_test_id("tuning-name").fill(TUNED)
    page.get_by_test_id("tuning-steps").fill("2")
    page.get_by_test_id("start-tuning").click()
    tuning = page.get_by_test_id("tuning")
    expect(tuning).to_have_attribute("data-state", "done", timeout=MILLISECONDS)
    expect(page.get_by_test_id("comparison").get_by_role("row")).to_have_count(6)

    current = page.get_by_test_id("current-model")
    expect(current).to_contain_text(BASE)
    page.get_by_test_id("promote").click()
    expect(tuning).to_contain_text("in use")
    expect(current).to_contain_text(small.find(TUNED).version)
    page.get_by_test_id("roll-back").click()
    expect(tuning).to_contain_text("was in use")
    expect(current).not_to_contain_text(TUNED)
    expect(page.get_by_label("Changes of the model").get_by_role("listitem").first).to_contain_text("rolled back")

    page.goto("/model")
    page.get_by_role("button", name=TUNED, exact=True).click()
    page.get_by_test_id("promote-default").click()
    expect(page.get_by_test_id("roll-back-default")).to_be_visible()
    row = page.get_by_test_id("models").get_by_role("row").filter(has_text=TUNED)
    expect(row).to_contain_text("default")
    page.get_by_test_id("roll-back-default").click()
    expect(page.get_by_test_id("roll-back-default")).to_have_count(0)
