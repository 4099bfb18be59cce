"""What a phase does not have is nowhere in the interface: no button, no key, no line in the help."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import Workspace

CONTROLS = {
    "point": (["tool-point"], "p"),
    "box": (["tool-box"], "r"),
    "brush": (["tool-brush"], "b"),
    "eraser": (["tool-eraser"], "e"),
    "propagate": (["propagate", "propagate-forward", "propagate-backward"], "t"),
}
HELP = {"brush": "Brush; Shift paints straight", "propagate": "Propagate both ways, up to locked frames"}


def tools_of(page: Page, phase: str) -> set[str]:
    """As the server tells them."""
    told = page.request.get("/api/phases").json()
    return set(next(each["tools"] for each in told if each["phase"] == phase))


def open_in_phase(page: Page, phase: str, clip: Path) -> Workspace:
    return open_workspace(page, upload(page, create_project(page, f"In {phase}", phase=phase), clip))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("phases") / "ball.mp4", "constant", num_frames=12)


@pytest.mark.parametrize("phase", ["sam_per_frame", "sam_plus_sam2_mask", "sam2"])
def test_the_workspace_offers_exactly_the_tools_of_its_phase(page: Page, clip: Path, phase: str) -> None:
    workspace = open_in_phase(page, phase, clip)
    tools = tools_of(page, phase)
    for tool, (controls, key) in CONTROLS.items():
        for control in controls:
            expect(page.get_by_test_id(control)).to_have_count(1 if tool in tools else 0)
        if tool in tools and tool != "propagate":
            workspace.press(key)
            expect(workspace.stage).to_have_attribute("data-tool", tool)
    workspace.press("p")
    workspace.click(84, 140)
    workspace.press("t")
    page.wait_for_timeout(300)
    runs = workspace.read("window.maskloom.state.replica.runs.size + window.maskloom.state.queue.length")
    assert (runs > 0) == ("propagate" in tools)
    workspace.press("?")
    for tool, line in HELP.items():
        expect(page.get_by_test_id("shortcut-sheet").get_by_text(line)).to_have_count(1 if tool in tools else 0)


def test_in_phase_2_a_correction_is_drawn_from_scratch(page: Page, clip: Path) -> None:
    workspace = open_in_phase(page, "sam_plus_sam2_mask", clip)
    workspace.click(84, 140)
    workspace.press("t")
    workspace.wait_run_over()
    masklet = next(iter(workspace.masks()))[0]
    workspace.step_to(8)
    tracked = workspace.mask(masklet, 8)
    assert tracked is not None
    workspace.press("e")
    workspace.stroke((60, 130), (110, 150))  # nothing of the tracked mask may be kept, so there is nothing to erase
    unchanged = workspace.mask(masklet, 8)
    assert unchanged is not None
    np.testing.assert_array_equal(unchanged, tracked)
    workspace.press("b")
    workspace.stroke((200, 60), (220, 60))
    drawn = workspace.mask(masklet, 8)
    assert drawn is not None
    assert drawn.any()
    assert not drawn[:, :150].any()
