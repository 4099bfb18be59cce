"""Seeded kills while a person prompts and propagates in a real browser, and what must be true afterwards.

A mask counts as shown as saved when it is in the browser's replica: the server has answered for it. After every kill
each such mask must still be there - the same revision where nothing newer came, and its revision in the database in
any case - and the next click and the next propagation must work.
"""

import contextlib
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psycopg
from playwright.sync_api import Browser, Error, Page

from tests.clips import draw_frame, write_clip
from tests.e2e.exporting import all_frames
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import Workspace
from tests.processes import kill_all, processes_below
from tests.running import RunningMaskloom

NUM_FRAMES = 40
RUNNING = "[...window.maskloom.state.replica.runs.values()].some(r => ['queued', 'running'].includes(r.state))"
Victim = Literal["model_server", "backend", "tab"]
Activity = Literal["prompting", "propagating"]
Key = tuple[str, int]


@dataclass
class Report:
    """What the kills did."""

    kills: list[str] = field(default_factory=list)
    masks_shown: int = 0
    masks_checked: int = 0


class KillingSpree:
    """One project, one clip, one browser, and a seeded hand on the kill switch."""

    def __init__(self, maskloom: RunningMaskloom, browser: Browser, seed: int, folder: Path) -> None:
        self._maskloom, self._browser = maskloom, browser
        self._rng = random.Random(seed)
        self._folder = folder
        self._shown: dict[Key, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}  # every mask revision ever shown as saved -> its masklet
        self.report = Report()

    def begin(self) -> None:
        page = self._new_page()
        project_id = create_project(page, "Kills", stride=1)
        clip = write_clip(self._folder / "kills.mp4", "constant", NUM_FRAMES)
        self._workspace = open_workspace(page, upload(page, project_id, clip))
        self._click(self._workspace, 0)
        self._workspace.wait_saved()

    def kill_once(self) -> None:
        """Something is going on, something dies, everything comes back."""
        activity: Activity = self._rng.choice(["prompting", "propagating"])
        victim: Victim = self._rng.choice(["model_server", "backend", "tab"])
        self._work(activity)
        time.sleep(self._rng.uniform(0.0, 1.2))
        self._remember()
        self._kill(victim)
        self.report.kills.append(f"{victim} while {activity}")
        self._maskloom.wait_healthy(60)
        if victim == "tab":
            self._workspace = Workspace(self._new_page(), self._workspace.video_id).open()
            self._workspace.press("1")  # the object at hand, not a new one
        self._settle()
        self._check()

    def finish(self) -> None:
        """Work goes on: a click answers with a new mask, a propagation reaches every frame."""
        before = self._workspace.masks()
        frame_index = self._rng.randrange(1, NUM_FRAMES)
        self._click(self._workspace, frame_index)
        self._workspace.wait_saved()
        key = next(key for key in self._workspace.masks() if key[1] == frame_index)
        assert self._workspace.masks()[key]["id"] != before.get(key, {}).get("id")
        self._workspace.press("t")
        self._workspace.page.wait_for_timeout(300)
        self._workspace.wait_run_over()
        assert {frame for _, frame in self._workspace.masks()} == set(range(NUM_FRAMES))
        self._remember()
        self._check()

    def _work(self, activity: Activity) -> None:
        if activity == "propagating":
            self._workspace.press("t")
            return
        for _ in range(self._rng.randint(1, 3)):
            self._click(self._workspace, self._rng.randrange(NUM_FRAMES))

    def _click(self, workspace: Workspace, frame_index: int) -> None:
        """A click on the ball; does not wait for the answer."""
        workspace.step_to(frame_index)
        rows, columns = np.nonzero(draw_frame(frame_index).truth)
        pick = self._rng.randrange(len(rows))
        workspace.page.mouse.click(*workspace.screen(float(columns[pick]), float(rows[pick])))

    def _kill(self, victim: Victim) -> None:
        if victim != "tab":
            assert self._maskloom.kill(victim), f"{victim} was not running"
            return
        kill_all(processes_below(word="--type=renderer"))
        with contextlib.suppress(Error):  # a crashed page may not answer its closing
            self._workspace.page.context.close()

    def _settle(self) -> None:
        """What was under way is finished by itself: unsent edits are sent, a propagation goes on."""
        self._workspace.wait_saved()
        self._workspace.until(lambda: not self._workspace.read(RUNNING), 120, "the propagation comes to an end")

    def _remember(self) -> None:
        for key, mask in self._workspace.masks().items():
            self._shown[key] = mask
            self._ids[mask["id"]] = key[0]
        self.report.masks_shown = len(self._ids)

    def _check(self) -> None:
        now = {(f["masklet_id"], f["frame_index"]): f for f in all_frames(self._maskloom, self._workspace.video_id)}
        for key, shown in self._shown.items():
            assert key in now, f"frame state {key} is gone"
            assert now[key]["mask"] is not None, f"the mask of {key} is gone"
            assert now[key]["seq"] >= shown["seq"]
            if now[key]["seq"] == shown["seq"]:
                assert now[key]["mask"]["id"] == shown["id"]
                assert now[key]["mask"]["counts"] == shown["counts"]
        with psycopg.connect(self._maskloom.database_url()) as connection:
            query = "SELECT count(*) FROM frame_masks WHERE id = ANY(%s)"
            row = connection.execute(query, (list(self._ids),)).fetchone()
        assert row is not None
        assert row[0] == len(self._ids), "a mask revision that was shown as saved is not in the database"
        self.report.masks_checked += len(self._ids)

    def _new_page(self) -> Page:
        context = self._browser.new_context(viewport={"width": 1280, "height": 800}, base_url=self._maskloom.url)
        return context.new_page()
