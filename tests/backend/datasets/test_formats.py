"""An export format is a file and one line in the registry, whether it writes each video or the dataset as a whole."""

import io
import json
import zipfile
from typing import Any

import pytest

from backend.datasets.formats.format import ExportFormat
from backend.datasets.formats.registry import FORMATS
from tests.backend.datasets.test_export import dataset
from tests.backend.datasets.toy_formats.frame_list import FrameList
from tests.backend.datasets.toy_formats.inventory import Inventory
from tests.backend.workplace import Annotator, disk


async def test_a_format_that_writes_each_video_is_offered_exported_and_archived(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await draw(annotator)
    archive, manifest = await exported_as(FrameList(), annotator, monkeypatch)
    video_id = annotator.video.video_id
    assert archive.namelist() == [f"{video_id}.txt", "manifest.json"]
    assert archive.read(f"{video_id}.txt") == b"4\n8"
    assert manifest["videos"][0]["last_frame"] == 8


async def test_a_format_that_writes_the_dataset_as_a_whole_is_offered_exported_and_archived(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await draw(annotator)
    archive, manifest = await exported_as(Inventory(), annotator, monkeypatch)
    assert archive.namelist() == ["inventory.json", "manifest.json"]
    assert json.loads(archive.read("inventory.json")) == {str(annotator.video.video_id): ["Object 1"]}
    assert manifest["report"]["num_masks"] == 2
    again, _manifest = await exported_as(Inventory(), annotator, monkeypatch)
    assert again.read("inventory.json") == archive.read("inventory.json")


async def draw(annotator: Annotator) -> None:
    """One masklet, on frames 4 and 8."""
    masklet = await annotator.create_masklet()
    for frame in (4, 8):
        await annotator.draw(masklet, frame, disk(100, 100, 30))


async def exported_as(
    toy: ExportFormat, annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """The archive and its manifest."""
    monkeypatch.setitem(FORMATS, toy.name, toy)
    offered = (await annotator.client.get("/api/export-formats")).json()
    told = {"name": toy.name, "title": toy.title, "loses": toy.loses, "every_frame": False}
    assert told | {"frames": ["none"], "holds_overlaps": True} in offered
    _export, content = await dataset(annotator, format=toy.name)
    archive = zipfile.ZipFile(io.BytesIO(content))
    return archive, json.loads(archive.read("manifest.json"))
