"""A browser that paints once a second while everything behind it is killed, stopped or runs out of room.

A stroke is told by its mask, which no other stroke has. Afterwards the server's log must have every stroke, once and in
order. All the while a watch in the page notes what the top bar says: while it said "Saved", no stroke may have been
missing from the database.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from playwright.sync_api import Browser

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.redis_process import RedisProcess
from tests.running import RunningMaskloom
from tests.small_disk import SmallDisk

NUM_FRAMES = 12
RECOVERY_SECONDS = 120
SAVED_SECONDS = 90
COLUMN, ROW = 7, 5  # pixels between strokes, so that each changes the mask

# Every stroke the page has taken up, and each change of what the top bar says, with the time and the number of strokes
# then. A text counts only after three looks, because React may be about to show another.
WATCH = """() => {
  const watch = (window.watch = { strokes: [], said: [] });
  const seen = new Set();
  const take = ({ queue }) => {
    for (const { write } of queue) {
      if (write.kind !== "mask" || seen.has(write.mask.counts)) continue;
      seen.add(write.mask.counts);
      watch.strokes.push({ frame: write.frameIndex, counts: write.mask.counts });
    }
  };
  window.maskloom.subscribe(take);
  let last = "", looks = 0, count = 0;
  setInterval(() => {
    const text = document.querySelector('[data-testid="saved"]')?.textContent ?? "";
    looks = text === last && seen.size === count ? looks + 1 : 0;
    [last, count] = [text, seen.size];
    if (looks === 2) watch.said.push({ text, strokes: seen.size, at: Date.now() / 1000 });
  }, 20);
}"""


@dataclass
class PaintingReport:
    """What happened, and what the browser did meanwhile."""

    strikes: list[str] = field(default_factory=list)
    strokes: int = 0
    said: list[str] = field(default_factory=list)  # every different text of the top bar


class Painting:
    """One clip, one browser that paints, and a seeded hand that strikes."""

    def __init__(
        self,
        maskloom: RunningMaskloom,
        browser: Browser,
        seed: int,
        *,
        folder: Path,
        redis: RedisProcess | None = None,
        disk: SmallDisk | None = None,
    ) -> None:
        self._maskloom, self._browser, self._folder = maskloom, browser, folder
        self._redis, self._disk = redis, disk
        self._rng = random.Random(seed)
        self._deck: list[str] = []
        self._painted = 0
        self._next_stroke = 0.0
        self.report = PaintingReport()

    def begin(self) -> None:
        context = self._browser.new_context(viewport={"width": 1280, "height": 800}, base_url=self._maskloom.url)
        page = context.new_page()
        project_id = create_project(page, "Painting", stride=1)
        clip = write_clip(self._folder / "painting.mp4", "constant", NUM_FRAMES)
        self._workspace = open_workspace(page, upload(page, project_id, clip))
        page.evaluate(WATCH)
        self._workspace.press("b")
        while self._workspace.read("window.maskloom.state.brushRadius") > 2:
            self._workspace.press("[")  # else a stroke may lie under earlier ones, and change nothing
        self._paint()
        self._workspace.wait_saved()  # the object is there

    def strike_once(self) -> None:
        """Something dies or stops; painting goes on until everything serves again."""
        name = self._draw()
        self._go_on(self._rng.uniform(0.0, 1.5))
        self._strikes()[name]()
        self.report.strikes.append(name)
        self._go_on(self._rng.uniform(1.0, 2.5))
        self._recover()

    def fill_disk(self, *, wal: bool) -> None:
        """Not a byte is left for a while; with `wal` the log of the database needs a new file just then."""
        assert self._disk is not None
        self._disk.fill()
        if wal:
            with suppress(psycopg.Error), psycopg.connect(self._maskloom.database_url(), autocommit=True) as connection:
                for _ in range(4):
                    connection.execute("SELECT pg_switch_wal()")
                    self._paint()
        self._go_on(6.0)
        self._disk.make_room()
        self.report.strikes.append("full disk" + (", log of the database" if wal else ""))
        self._recover()

    def finish(self) -> None:
        """Everything that was painted is there, once and in order, and "Saved" was always true."""
        self._workspace.until(self._is_saved, SAVED_SECONDS, f"all is saved; the top bar says {self._said()!r}")
        watch: dict[str, Any] = self._workspace.read("window.watch")
        painted = [(stroke["frame"], stroke["counts"]) for stroke in watch["strokes"]]
        self.report.strokes = len(painted)
        self.report.said = sorted({said["text"] for said in watch["said"]})
        stored = self._stored()
        counted = f"{self._painted} strokes were made, {len(painted)} were taken up, {len(stored)} were stored"
        assert len(painted) == self._painted, counted
        assert [stroke[:2] for stroke in stored] == painted, _difference([stroke[:2] for stroke in stored], painted)
        for said in watch["said"]:
            if said["text"] == "Saved":
                late = [begun for *_, begun in stored[: said["strokes"]] if begun > said["at"]]
                assert late == [], f"it said Saved {max(late) - said['at']:.2f} s before a stroke reached the database"

    def _draw(self) -> str:
        """A strike at random; none comes again before all others have come."""
        if not self._deck:
            self._deck = sorted(name for name in self._strikes() if self._redis or not name.startswith("redis"))
            self._rng.shuffle(self._deck)
        return self._deck.pop()

    def _go_on(self, seconds: float) -> None:
        """Paint once a second."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if time.monotonic() >= self._next_stroke:
                self._next_stroke = time.monotonic() + 1.0
                self._paint()
            self._workspace.page.wait_for_timeout(50)

    def _paint(self) -> None:
        """A short stroke where none was, on this frame or the next."""
        workspace, number = self._workspace, self._painted
        if number % 3 == 2:
            workspace.press("." if (number // (3 * NUM_FRAMES)) % 2 == 0 else ",")
        size = workspace.read("window.maskloom.state.video")
        per_row = (size["width"] - 10) // COLUMN
        x, y = 4 + COLUMN * (number % per_row), 4 + ROW * (number // per_row % ((size["height"] - 10) // ROW))
        mouse = workspace.page.mouse
        taken = workspace.read("window.watch.strokes.length")
        mouse.move(*workspace.screen(x, y))
        mouse.down()
        mouse.move(*workspace.screen(x + 2, y + 2), steps=2)
        mouse.up()
        self._painted += 1
        workspace.wait_for(f"window.watch.strokes.length > {taken} || window.maskloom.state.queue.length === 0", 5000)

    def _strikes(self) -> dict[str, Callable[[], None]]:
        maskloom = self._maskloom
        return {
            "postmaster killed": lambda: self._send("postgres", signal.SIGKILL),
            "postmaster stopped": lambda: self._pause(maskloom.part("postgres")),
            "connection's process killed": lambda: self._kill(self._postgres_child()),
            "connection's process stopped": lambda: self._pause(self._postgres_child()),
            "backend killed": lambda: self._send("backend", signal.SIGKILL),
            "backend stopped": lambda: self._pause(maskloom.part("backend")),
            "model server killed": lambda: self._send("model_server", signal.SIGKILL),
            "model server stopped": lambda: self._pause(maskloom.part("model_server")),
            "supervisor killed": self._kill_supervisor,
            "redis killed": self._kill_redis,
            "redis stopped": self._pause_redis,
        }

    def _send(self, part: Any, number: signal.Signals) -> None:
        child = self._maskloom.part(part)
        if child is not None:
            with suppress(psutil.Error):
                child.send_signal(number)

    def _kill(self, process: psutil.Process | None) -> None:
        if process is not None:
            with suppress(psutil.Error):
                process.kill()

    def _pause(self, process: psutil.Process | None) -> None:
        if process is None:
            return
        with suppress(psutil.Error):
            process.suspend()
            try:
                self._go_on(self._rng.uniform(1.0, 3.0))
            finally:
                process.resume()

    def _postgres_child(self) -> psutil.Process | None:
        """The process of one connection to the database."""
        postmaster = self._maskloom.part("postgres")
        if postmaster is None:
            return None
        with suppress(psutil.Error):
            children = [child for child in postmaster.children() if "maskloom" in " ".join(child.cmdline())]
            return self._rng.choice(children) if children else None
        return None

    def _kill_supervisor(self) -> None:
        process = self._maskloom.process
        assert process is not None
        process.kill()
        process.wait()
        self._go_on(1.0)
        self._maskloom.launch()

    def _kill_redis(self) -> None:
        assert self._redis is not None
        self._redis.kill()
        self._go_on(1.5)
        self._redis.start()

    def _pause_redis(self) -> None:
        assert self._redis is not None
        assert self._redis.process is not None
        self._redis.pause()
        self._go_on(2.5)
        os.kill(self._redis.process.pid, signal.SIGCONT)

    def _recover(self) -> None:
        """Painting goes on until every part serves. A supervisor that gave up is started again, as a person would."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            process = self._maskloom.process
            if process is not None and process.poll() is not None:
                self.report.strikes.append("supervisor ended, started again")
                self._maskloom.launch()
            with suppress(AssertionError):
                self._maskloom.wait_healthy(0.2)
                return
            self._go_on(0.5)
        raise AssertionError(f"not healthy {RECOVERY_SECONDS} s after {self.report.strikes[-1]}")

    def _said(self) -> str:
        return self._workspace.page.get_by_test_id("saved").inner_text()

    def _is_saved(self) -> bool:
        return self._said() == "Saved"

    def _stored(self) -> list[tuple[int, str, float]]:
        """The server's log: frame, mask and time of each stroke, in the order of the history."""
        query = """
            SELECT frame_changes.frame_index, convert_from(counts, 'UTF8'), extract(epoch FROM actions.created_at)
            FROM actions
            JOIN frame_changes ON frame_changes.action_id = actions.id
            JOIN frame_masks ON frame_masks.masklet_id = frame_changes.masklet_id AND frame_masks.id = after_mask_id
            WHERE video_id = %s AND kind = 'edit_mask'
            ORDER BY "order"
        """
        with psycopg.connect(self._maskloom.database_url()) as connection:
            rows = connection.execute(query, (self._workspace.video_id,)).fetchall()
        return [(int(frame), str(counts), float(begun)) for frame, counts, begun in rows]


def _difference(stored: list[tuple[int, str]], painted: list[tuple[int, str]]) -> str:
    """How many strokes there are, and the frames around the first that differs."""
    at = next((i for i, (one, other) in enumerate(zip(stored, painted, strict=False)) if one != other), len(stored))
    around = slice(max(0, at - 2), at + 4)
    frames = [[frame for frame, _ in strokes[around]] for strokes in (stored, painted)]
    extra, lost = [each for each in stored if each not in painted], [each for each in painted if each not in stored]
    return (
        f"{len(stored)} stored, {len(painted)} painted; the first difference is number {at}, on frames {frames[0]} "
        f"where {frames[1]} were painted; {len(extra)} are only stored, {len(lost)} only painted"
    )
