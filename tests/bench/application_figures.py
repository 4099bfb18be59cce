"""What a person waits for: the whole application over HTTP, with its database, as `make up` runs it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from backend.client.connection import SiteConnection
from tests.bench.figures import Figure, median_seconds
from tests.running import RunningMaskloom

FAR_APART = range(5, 200, 29)
NUM_EXPORTED = 20


class Bench:
    """One project with one video in a running Maskloom."""

    def __init__(self, maskloom: RunningMaskloom, clip: Path) -> None:
        self._maskloom = maskloom
        self._site = SiteConnection(maskloom.url)
        self._project = self._send("POST", "/api/projects", {"name": "Bench"})["id"]
        started = time.perf_counter()
        video = self._site.upload(f"/api/projects/{self._project}/videos", clip, name=clip.name, key=uuid4())
        self._video = self._wait(f"/videos/{video['id']}", "ingesting")
        self._ingest_seconds = time.perf_counter() - started

    def figures(self) -> list[Figure]:
        """Ingest, clicks, propagation and export, in that order."""
        first, second = self._masklet(), self._masklet()
        num_frames = self._video["num_frames"]
        new = median_seconds(lambda frame: self._click(first, frame), FAR_APART)
        again = median_seconds(lambda frame: self._click(second, frame, aside=40), FAR_APART)
        one = self._propagated([first])
        five = self._propagated([first, second, *(self._prompted() for _ in range(3))])
        self._copy_masklet(first["id"], NUM_EXPORTED)
        export_seconds, megabytes = self._exported()
        num_masks = NUM_EXPORTED * num_frames // self._video["stride"]
        return [
            Figure("ingest (check, transcode, decode again)", num_frames / self._ingest_seconds, "frames/s"),
            Figure("click on a new frame, in the application", 1e3 * new, "ms"),
            Figure("click on an encoded frame, in the application", 1e3 * again, "ms"),
            Figure("propagate and store 1 masklet", one, "masks/s"),
            Figure("propagate and store 5 masklets", five, "masks/s"),
            Figure(f"export {num_masks} masks of {NUM_EXPORTED} masklets and the video", export_seconds, "s"),
            Figure("size of that export", megabytes, "MB"),
        ]

    def _masklet(self) -> dict[str, Any]:
        return self._send("POST", f"/api/videos/{self._video['id']}/masklets", {})

    def _prompted(self) -> dict[str, Any]:
        masklet = self._masklet()
        self._click(masklet, FAR_APART[0])
        return masklet

    def _click(self, masklet: dict[str, Any], frame: int, aside: float = 0) -> None:
        """Pixels aside from the middle; the masklet's version moves on."""
        click = {"x": self._video["width"] / 2 + aside, "y": self._video["height"] / 2, "label": "positive"}
        path = f"/api/masklets/{masklet['id']}/frames/{frame}/prompts"
        answer = self._site.send("PUT", path, {"clicks": [click]}, key=uuid4(), version=masklet["version"])
        masklet["version"] = answer["masklet"]["version"]

    def _propagated(self, masklets: list[dict[str, Any]]) -> float:
        """Masks a second, from the run's start to its last mask stored."""
        body = {"masklet_ids": [masklet["id"] for masklet in masklets], "start_frame": 0, "direction": "forward"}
        run = self._send("POST", f"/api/videos/{self._video['id']}/runs", body)
        self._wait(f"/runs/{run['id']}", "queued", "running")
        question = "SELECT total, extract(epoch FROM finished_at - started_at)::float FROM runs WHERE id = %s"
        with psycopg.connect(self._maskloom.database_url()) as connection:
            row = connection.execute(question, (run["id"],)).fetchone()
        assert row is not None
        return row[0] / row[1]

    def _exported(self) -> tuple[float, float]:
        started = time.perf_counter()
        body = {"format": "sa_v", "only_satisfactory": False}
        export = self._send("POST", f"/api/projects/{self._project}/exports", body)
        done = self._wait(f"/exports/{export['id']}", "queued", "running")
        return time.perf_counter() - started, done["size_bytes"] / 1e6

    def _copy_masklet(self, masklet_id: str, times: int) -> None:
        """Masks enough to export, without waiting for a model to draw them."""
        with psycopg.connect(self._maskloom.database_url()) as connection:
            for number in range(times - 5):  # five there are
                copy = {"id": uuid4(), "number": 100 + number}
                _copy_rows(connection, "masklets", ("id", masklet_id), copy)
                for rows in ("frame_masks", "frame_states"):
                    _copy_rows(connection, rows, ("masklet_id", masklet_id), {"masklet_id": copy["id"]})

    def _send(self, method: str, path: str, body: Any) -> Any:
        return self._site.send(method, path, body, key=uuid4())

    def _wait(self, path: str, *unfinished: str) -> Any:
        while (now := self._site.get(path))["state"] in unfinished:
            time.sleep(0.05)
        assert now["state"] in ("ready", "done"), now
        return now


def _copy_rows(connection: psycopg.Connection, rows: str, of: tuple[str, str], changes: dict[str, Any]) -> None:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'", (rows,)
    )
    names = [name for (name,) in found]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    values = sql.SQL(", ").join(sql.Placeholder(n) if n in changes else sql.Identifier(n) for n in names)
    copy = sql.SQL("INSERT INTO {rows} ({columns}) SELECT {values} FROM {rows} WHERE {column} = %(of)s").format(
        rows=sql.Identifier(rows), columns=columns, values=values, column=sql.Identifier(of[0])
    )
    connection.execute(copy, {**changes, "of": of[1]})
