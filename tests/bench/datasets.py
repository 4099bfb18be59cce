"""`python -m tests.bench.datasets [--videos N]`: how long large datasets take out and in, and in how much memory.

A clip with one object is copied in the database: by default into a thousand videos of fifty objects, two million masks.
Prints Markdown. Half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from pycocotools import mask as coco
from sqlalchemy import Table

from backend.client.maskloom import Maskloom
from backend.datasets.formats.format import FrameFiles
from backend.datasets.schemas import ExportCreate
from backend.tables import FrameMask, FrameState, Masklet, Video
from tests.bench.figures import Figure, table
from tests.clips import HEIGHT, WIDTH, write_clip
from tests.running import RunningMaskloom

FRAMES, OBJECTS = 40, 50
SOME = 100
MEGABYTES = {"export": 500, "import": 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=1000, help=f"each with {OBJECTS} objects of {FRAMES} masks")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        maskloom = RunningMaskloom(Path(folder) / "data")
        maskloom.start()
        try:
            print(table(dataset_figures(maskloom, Path(folder), arguments.videos)), flush=True)
        finally:
            maskloom.stop()


def dataset_figures(maskloom: RunningMaskloom, folder: Path, num_videos: int) -> list[Figure]:
    """Exports of all of it; of its first hundred videos one with a picture for every mask, and an import."""
    figures: list[Figure] = []
    with Maskloom(maskloom.url) as site:
        project, video = _one_object(site, folder)
        _multiply(maskloom, video, num_videos)
        every = ExportCreate(format="coco", only_satisfactory=False, every_frame=True, frames=FrameFiles.none)
        some = [each.id for each in site.videos(project)][:SOME]
        pictures = every.model_copy(update={"format": "object_masks", "video_ids": some})
        for asked in (ExportCreate(format="sa_v", only_satisfactory=False), every, pictures):

            def export(asked: ExportCreate = asked) -> int:
                report = site.until_exported(site.export(project, asked).id).report
                assert report is not None
                assert report["num_masklets"] == OBJECTS * (num_videos if asked.video_ids is None else len(some))
                return int(report["num_masks"])

            figures += _measured(maskloom, "export", asked.format, export)

        asked = every.model_copy(update={"format": "youtube_vis", "video_ids": some})
        exported = site.until_exported(site.export(project, asked).id)
        dataset = folder / "dataset.zip"
        site.download(exported, dataset)

        def read_and_write() -> int:
            found = site.until_read(site.upload_import(project, dataset).id)
            site.start_import(found.id)
            made = site.until_imported(found.id)
            assert made.num_made == len(some) * OBJECTS
            return made.num_masks

        figures += _measured(maskloom, "import", "youtube_vis", read_and_write)
    return figures


def _measured(maskloom: RunningMaskloom, what: str, form: str, work: Callable[[], int]) -> list[Figure]:
    """Seconds of the work, which returns how many masks it was, and the memory the backend took at most meanwhile."""
    backend = maskloom.part("backend")
    assert backend is not None
    before = backend.memory_info().rss
    Path(f"/proc/{backend.pid}/clear_refs").write_text("5")  # its peak begins anew
    begun = time.perf_counter()
    count = work()
    seconds = time.perf_counter() - begun
    (peak,) = (
        int(line.split()[1]) * 1024
        for line in Path(f"/proc/{backend.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    print(f"{what} {form}: {seconds:.0f} s, {peak / 1e6:.0f} MB", file=sys.stderr, flush=True)
    name, more = f"{what} {form}, {count:,} masks", f"{(peak - before) / 1e6:.0f} MB more than before"
    return [
        Figure(name, seconds, "s", "", f"{count / seconds:,.0f} masks/s"),
        Figure(name, peak / 1e6, "MB at most", f"{MEGABYTES[what]} MB", more),
    ]


def _one_object(site: Maskloom, folder: Path) -> tuple[UUID, UUID]:
    """A project with a clip in which one object has a mask on every frame. Their ids."""
    project = UUID(site.http.send("POST", "/api/projects", {"name": "Large", "stride": 4})["id"])
    video = site.until_ready(site.upload(project, write_clip(folder / "clip.mp4", "constant", FRAMES)).id)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    disks = [(x - 60 - 3 * frame) ** 2 + (y - 120) ** 2 < (20 + frame) ** 2 for frame in range(FRAMES)]
    encoded: list[Any] = [coco.encode(np.asfortranarray(disk.astype(np.uint8))) for disk in disks]
    segmentations = [{"size": each["size"], "counts": each["counts"].decode()} for each in encoded]
    names = [f"clip/{frame:05d}.jpg" for frame in range(FRAMES)]
    document = {
        "videos": [{"id": 1, "file_names": names, "width": WIDTH, "height": HEIGHT, "length": FRAMES}],
        "categories": [{"id": 1, "name": "ball"}],
        "annotations": [{"id": 1, "video_id": 1, "category_id": 1, "segmentations": segmentations}],
    }
    dataset = folder / "one.json"
    dataset.write_text(json.dumps(document))
    found = site.until_read(site.upload_import(project, dataset).id)
    site.start_import(found.id)
    site.until_imported(found.id)
    return project, video.id


def _multiply(maskloom: RunningMaskloom, video: UUID, num_videos: int) -> None:
    """Copy the object within its video, and the video with its objects."""
    copied = "md5(n.id::text || t.{}::text)::uuid"
    tables: list[tuple[Any, dict[str, str]]] = [
        (Masklet.__table__, {"id": "n.id", "video_id": "n.video_id", "number": "n.number"}),
        (FrameMask.__table__, {"id": copied.format("id"), "masklet_id": "n.id"}),
        (FrameState.__table__, {"masklet_id": "n.id", "video_id": "n.video_id", "mask_id": copied.format("mask_id")}),
    ]
    with psycopg.connect(maskloom.database_url()) as connection:
        names, values = _columns_of(Video.__table__, id="gen_random_uuid()", name="'clip ' || i")
        connection.execute(
            f"INSERT INTO videos ({names}) SELECT {values}"
            " FROM videos t, generate_series(2, %s) i WHERE t.id = %s".encode(),
            (num_videos, video),
        )
        connection.execute(
            "CREATE TEMP TABLE copies ON COMMIT DROP AS SELECT gen_random_uuid() id, v.id video_id, i AS number,"
            " (SELECT id FROM masklets) original FROM videos v, generate_series(1, %s) i WHERE v.id <> %s OR i > 1",
            (OBJECTS, video),
        )
        for one, changes in tables:
            names, values = _columns_of(one, **changes)
            key = "id" if one is Masklet.__table__ else "masklet_id"
            of_original = f"FROM {one.name} t, copies n WHERE t.{key} = n.original"
            connection.execute(f"INSERT INTO {one.name} ({names}) SELECT {values} {of_original}".encode())
    with psycopg.connect(maskloom.database_url(), autocommit=True) as connection:
        connection.execute("ANALYZE")


def _columns_of(one: Any, **changes: str) -> tuple[str, str]:
    """The names of a table's columns, and what a copy has in them."""
    assert isinstance(one, Table)
    names = [each.name for each in one.columns if each.identity is None]
    return ", ".join(f'"{each}"' for each in names), ", ".join(changes.get(each, f't."{each}"') for each in names)


if __name__ == "__main__":
    sys.exit(main())
