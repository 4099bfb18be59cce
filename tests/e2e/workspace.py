"""Hands and eyes of an annotator: the workspace driven through its own controls, read through `window.maskloom`."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect
from pycocotools import mask as coco

WAIT_MS = 60_000


class Workspace:
    """One open `/videos/:id` page."""

    def __init__(self, page: Page, video_id: str) -> None:
        self.page, self.video_id = page, video_id

    def open(self) -> "Workspace":
        self.page.goto(f"/videos/{self.video_id}")
        self.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
        return self

    def wait_for(self, condition: str, timeout: float = WAIT_MS) -> None:
        self.page.wait_for_function(f"() => Boolean({condition})", timeout=timeout)

    def read(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {expression}")

    @property
    def stage(self):
        return self.page.get_by_test_id("stage")

    def press(self, key: str) -> None:
        self.stage.focus()
        self.page.keyboard.press(key)

    def step_to(self, frame_index: int) -> None:
        """Frame by frame or in strides, as the keys do it, until the stage shows the frame."""
        stride = self.read("window.maskloom.state.video.stride")
        while (left := frame_index - self.read("window.maskloom.frameIndex")) != 0:
            big = abs(left) >= stride
            self.press(("ArrowRight" if left > 0 else "ArrowLeft") if big else ("." if left > 0 else ","))
        expect(self.stage).to_have_attribute("data-frame-index", str(frame_index), timeout=WAIT_MS)

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Page coordinates of a point of the video."""
        view = self.read("window.maskloom.state.view")
        box = self.stage.bounding_box()
        assert box is not None
        return box["x"] + x * view["scale"] + view["offsetX"], box["y"] + y * view["scale"] + view["offsetY"]

    def click(self, x: float, y: float, *, negative: bool = False) -> None:
        """A click at a point of the video; returns when the workspace says saved."""
        self.page.mouse.click(*self.screen(x, y), button="right" if negative else "left")
        self.wait_saved()

    def stroke(self, *points: tuple[float, float]) -> None:
        """One stroke of the tool in hand through points of the video."""
        self.page.mouse.move(*self.screen(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.screen(*point), steps=8)
        self.page.mouse.up()
        self.wait_saved()

    def wait_saved(self) -> None:
        self.page.wait_for_timeout(50)  # the gesture is taken up on the next frame
        expect(self.page.get_by_test_id("saved")).to_have_text("Saved", timeout=WAIT_MS)

    def wait_run_over(self, timeout: float = 300_000) -> None:
        self.wait_for(
            "[...window.maskloom.state.replica.runs.values()].length > 0 && "
            "[...window.maskloom.state.replica.runs.values()].every(r => !['queued', 'running'].includes(r.state))",
            timeout,
        )

    def masks(self) -> dict[tuple[str, int], dict[str, Any]]:
        """What this browser was shown as saved: (masklet, frame) -> its mask with the state's sequence number."""
        rows = self.read(
            "[...window.maskloom.state.replica.lanes].flatMap(([masklet, lane]) => [...lane.values()]"
            ".filter(f => f.mask !== null).map(f => [masklet, f.frame_index, f.seq, f.mask, f.prompts]))"
        )
        return {(m, frame): {**mask, "seq": seq, "prompts": prompts} for m, frame, seq, mask, prompts in rows}

    def mask(self, masklet_id: str, frame_index: int) -> np.ndarray | None:
        """bool (H, W), or None where nothing is known."""
        found = self.masks().get((masklet_id, frame_index))
        return decode(found) if found else None

    def until(self, holds: Callable[[], bool], seconds: float = 60, what: str = "") -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"did not happen in {seconds} s: {what}"
            self.page.wait_for_timeout(100)


def decode(mask: dict[str, Any]) -> np.ndarray:
    """A COCO mask of the API as bool (H, W)."""
    return coco.decode({"size": mask["size"], "counts": mask["counts"].encode()}).astype(bool)
