"""An import of very many objects: how long it takes, and that memory does not grow with it."""

import json
import resource
import time

import pytest

from backend.db.engine import Sessions
from tests.backend.imports.importing import copy_of_project, previewed, started, stored_objects
from tests.backend.imports.reading import rle
from tests.backend.workplace import Annotator, disk

OBJECTS, FRAMES = 1000, 40
MEGABYTES = 300  # more than the process had before; a whole document of masks in memory would be twice that


@pytest.mark.slow
async def test_a_thousand_objects_come_in_without_taking_the_memory(annotator: Annotator, sessions: Sessions) -> None:
    masks = [rle(disk(40 + 3 * at, 60 + 2 * at, 20 + at)) for at in range(40)]
    video = {"id": 1, "file_names": [f"clip/{frame:05d}.jpg" for frame in range(FRAMES)], "width": 320, "height": 240}
    annotations = [
        {"id": at, "video_id": 1, "segmentations": [masks[(at + frame) % len(masks)] for frame in range(FRAMES)]}
        for at in range(OBJECTS)
    ]
    content = json.dumps({"videos": [video], "annotations": annotations}).encode()
    copy = await copy_of_project(sessions, annotator.video)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    found = await previewed(annotator.client, copy.project_id, content, name="many.json")
    read = time.monotonic()
    done = await started(annotator.client, found["id"])
    written = time.monotonic()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"read in {read - begun:.0f} s, written in {written - read:.0f} s, {grown:.0f} MB more")
    assert (done["state"], done["num_made"]) == ("done", OBJECTS)
    assert grown < MEGABYTES
    stored = await stored_objects(sessions, copy.video_id)
    assert len(stored) == OBJECTS
    assert {len(counts) for _name, _origin, counts in stored.values()} == {FRAMES}
