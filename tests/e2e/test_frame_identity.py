"""Frame i is the same picture everywhere: in the browser, in the model's input and in the export."""

import io
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from backend.storage.live_folder import files_in
from model_server.video.reader import FrameReader
from tests.clips import CODE_HEIGHT, HEIGHT, WIDTH, Timing, read_index, write_clip
from tests.e2e.exporting import export_over_http
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import Workspace
from tests.running import RunningMaskloom

NUM_FRAMES = 32  # more than lie between two key frames


@pytest.mark.parametrize("timing", ["constant", "variable", "b_frames_edit_list"])
@pytest.mark.long
def test_every_frame_shows_its_own_index_everywhere(
    maskloom: RunningMaskloom, page: Page, tmp_path: Path, timing: Timing
) -> None:
    clip = write_clip(tmp_path / f"{timing}.mp4", timing, NUM_FRAMES)
    project_id = create_project(page, f"Frames, {timing}", stride=4)
    video_id = upload(page, project_id, clip)
    expected = list(range(NUM_FRAMES))

    workspace = open_workspace(page, video_id)
    forward = [seen_in_browser(workspace, index) for index in expected]
    assert forward == expected
    jumps = [int(i) for i in np.random.default_rng(3).permutation(NUM_FRAMES)[:8]]
    assert [seen_in_browser(workspace, index) for index in jumps] == jumps
    assert workspace.read("window.maskloom.decodedBy") == "webcodecs"

    workspace.step_to(0)
    workspace.click(60, 140)  # an object, so that there is something to export
    assert seen_by_the_model(maskloom, video_id) == expected
    assert seen_in_the_export(maskloom, project_id) == expected


def seen_in_browser(workspace: Workspace, frame_index: int) -> int:
    """The index the stage shows: its pixels, cut to the bar code, read like any picture."""
    workspace.step_to(frame_index)
    left, top = workspace.screen(0, 0)
    right, bottom = workspace.screen(WIDTH, CODE_HEIGHT)
    png = workspace.page.screenshot(clip={"x": left, "y": top, "width": right - left, "height": bottom - top})
    picture = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    code = Image.open(io.BytesIO(png)).convert("RGB").resize((WIDTH, CODE_HEIGHT), Image.Resampling.BOX)
    picture[:CODE_HEIGHT] = np.asarray(code)
    return read_index(picture)


def seen_by_the_model(maskloom: RunningMaskloom, video_id: str) -> list[int]:
    """Through the model server's own reader, on the stored video of record."""
    served = httpx.get(f"{maskloom.url}/api/videos/{video_id}/proxy.mp4").content
    videos = (path for path in files_in(maskloom.data_dir / "objects") if path.suffix == ".mp4")
    stored = next(path for path in videos if path.read_bytes() == served)
    reader = FrameReader(stored)
    try:
        return [read_index(reader.rgb(index)) for index in range(NUM_FRAMES)]
    finally:
        reader.close()


def seen_in_the_export(maskloom: RunningMaskloom, project_id: str) -> list[int]:
    archive = export_over_http(maskloom, project_id)
    movie = next(name for name in archive.namelist() if name.endswith(".mp4"))
    with av.open(io.BytesIO(archive.read(movie))) as container:
        return [read_index(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
