"""What a full prompt set costs its author, and what it costs somebody who clicks in another video meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import pytest

from backend.client.connection import SiteConnection, SiteProblem
from model_server.contract.prompts import MAX_CLICKS
from tests.bench.figures import Figure
from tests.running import START_SECONDS, RunningMaskloom

NUM_USUAL = 9
TOO_MANY = 1000


class Place:
    """A masklet of one video, in a project of its own."""

    def __init__(self, maskloom: RunningMaskloom, clip: Path, name: str) -> None:
        self._site = SiteConnection(maskloom.url)
        project = self._send("POST", "/api/projects", {"name": name})["id"]
        video = self._site.upload(f"/api/projects/{project}/videos", clip, name=f"{name}.mp4", key=uuid4())
        while (video := self._site.get(f"/api/videos/{video['id']}"))["state"] == "ingesting":
            time.sleep(0.05)
        self._width, self._height = video["width"], video["height"]
        self._masklet = self._send("POST", f"/api/videos/{video['id']}/masklets", {})
        self._num_clicks = 0

    def seconds(self, count: int = 1, *, frame: int = 5) -> float:
        """Of the answer to a prompt set of so many clicks, each time other ones, until there is a mask."""
        self._num_clicks += 1
        clicks = [self._click(self._num_clicks + number) for number in range(count)]
        key, version, begun = uuid4(), self._masklet["version"], time.perf_counter()
        path = f"/api/masklets/{self._masklet['id']}/frames/{frame}/prompts"
        while True:
            try:
                answer = self._site.send("PUT", path, {"clicks": clicks}, key=key, version=version)
            except SiteProblem as problem:
                if problem.slug != "model-server-unavailable":
                    raise
                time.sleep(0.2)  # stored; the same request is answered once the model server is back
            else:
                self._masklet["version"] = answer["masklet"]["version"]
                return time.perf_counter() - begun

    def seconds_of_too_many(self) -> float:
        begun = time.perf_counter()
        with pytest.raises(SiteProblem, match=f"at most {MAX_CLICKS}"):
            self.seconds(TOO_MANY)
        return time.perf_counter() - begun

    def _click(self, number: int) -> dict[str, Any]:
        x, y = 0.2 + 0.6 * (number * 37 % 101) / 101, 0.2 + 0.6 * (number * 53 % 97) / 97
        return {"x": x * self._width, "y": y * self._height, "label": "positive"}

    def _send(self, method: str, path: str, body: Any) -> Any:
        return self._site.send(method, path, body, key=uuid4())


def crowd_figures(maskloom: RunningMaskloom, clip: Path) -> list[Figure]:
    """Before, during, and after the model server was lost in the middle of it."""
    here, elsewhere = Place(maskloom, clip, "Here"), Place(maskloom, clip, "Elsewhere")
    elsewhere.seconds()
    usual = median(elsewhere.seconds() for _ in range(NUM_USUAL))
    too_many = here.seconds_of_too_many()
    alone = here.seconds(MAX_CLICKS, frame=20)
    with asked(here, frame=5) as asking:
        meanwhile = list(clicks_until(asking, elsewhere))
    with asked(here, frame=50) as lost:
        time.sleep(0.5)
        maskloom.kill("model_server")
        maskloom.wait_healthy(START_SECONDS)
        elsewhere.seconds()  # opens the video again
        afterwards = list(clicks_until(lost, elsewhere))
    rows = [Figure(f"{TOO_MANY:,} clicks, told that they are too many", 1e3 * too_many, "ms", "under 5000")]
    rows.append(Figure(f"{MAX_CLICKS} clicks in one prompt set, from nothing", alone, "s", "under 5"))
    rows.append(Figure("the same while somebody clicks elsewhere without a pause", asking.result(), "s"))
    for words, times in (("meanwhile", meanwhile), ("after a restart in the middle of it", afterwards)):
        if times:
            what = f"a click in another video {words}, in usual ones of {1e3 * usual:.0f} ms"
            rows.append(Figure(what, median(times) / usual, "times", "under 2", f"{len(times)} clicks"))
    return rows


@contextmanager
def asked(place: Place, *, frame: int) -> Iterator[Future[float]]:
    """A full prompt set, being answered while the block lasts."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit(place.seconds, MAX_CLICKS, frame=frame)


def clicks_until(asking: Future[float], elsewhere: Place) -> Iterator[float]:
    while not asking.done():
        yield elsewhere.seconds()
