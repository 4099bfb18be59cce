"""What was exported is what is read back: to the bit where the format loses nothing, and else what is left of it."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from backend.datasets.formats.format import ExportedMasklet, ExportedVideo
from backend.datasets.formats.registry import FORMATS
from backend.imports.content.labels import label_of
from backend.imports.readers.registry import READERS
from tests.backend.datasets.ontologies import ONTOLOGY
from tests.backend.datasets.test_lossless_layouts import PALETTES, videos, write_dataset
from tests.backend.imports.reading import ReadObject, decoded, read_dataset

LOSSY = {"yolo_seg", "cutouts", "cutout_videos"}  # for other software, which brings no masks back
READ_AS = {"sa_v_val": "object_masks", "mose": "davis"}


def test_every_format_that_is_written_is_read_but_those_that_hold_no_masks() -> None:
    assert {READ_AS.get(name, name) for name in FORMATS} - LOSSY <= READERS.keys()
    assert FORMATS.keys() - READERS.keys() >= LOSSY


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - LOSSY))
@settings(max_examples=15, deadline=None)
@given(exported=videos())
def test_what_was_exported_is_read_back(name: str, exported: list[ExportedVideo]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        for proxy in {each.proxy for each in exported}:
            (Path(temporary) / proxy.name).write_bytes(b"video")
        here = [replaced(each, Path(temporary)) for each in exported]
        survey, read = read_dataset(write_dataset(name, here, Path(temporary)))
    assert survey.format == READ_AS.get(name, name)
    by_uuid = {video.uuid: video for video in survey.videos}
    assert by_uuid.keys() == {str(each.id) for each in exported}
    told = survey.ontology.model_dump(exclude={"whole"})
    assert told == ONTOLOGY.model_dump()
    for each in exported:
        found = by_uuid[str(each.id)]
        assert (found.width, found.height, found.num_frames) == (each.width, each.height, each.num_frames)
        objects = {one.found.uuid: one for one in read[found.key].values()}
        above: dict[int, np.ndarray] = {}
        for masklet in sorted(each.masklets, key=lambda one: one.number, reverse=True):
            one = objects.get(str(masklet.id))
            if one is not None:
                assert one.found.name == label_of(masklet.name)
                assert one.found.label == (None if masklet.object_class is None else masklet.object_class.name)
                assert [(ONTOLOGY.attributes[place], said) for place, said in sorted(one.values.items())] == [
                    (each.attribute, list(each.by_frame.items())) for each in masklet.values
                ]
            if name in PALETTES:
                compare_what_is_left(masklet, one, each, above)
                continue
            assert one is not None
            assert (one.found.number, one.found.origin) == (masklet.number, masklet.origin)
            frames = [frame for frame in each.frames if frame in masklet.masks]
            assert one.counts == {frame: masklet.masks[frame].counts for frame in frames}, "to the bit"


def replaced(each: ExportedVideo, folder: Path) -> ExportedVideo:
    return replace(each, proxy=folder / each.proxy.name)


def compare_what_is_left(
    masklet: ExportedMasklet, one: ReadObject | None, each: ExportedVideo, above: dict[int, np.ndarray]
) -> None:
    """A palette has of an object what no object with a higher id covers. `above` is what those cover, by frame."""
    size = (each.height, each.width)
    if one is None:
        return  # covered wholly, or beyond the 255th
    assert one.counts.keys() == {frame for frame in each.frames if frame in masklet.masks}
    for frame, counts in one.counts.items():
        pixels, own = decoded(counts, size), decoded(masklet.masks[frame].counts, size)
        assert (pixels <= own).all()
        if masklet.number <= 255 and all(other.number <= 255 for other in each.masklets):
            covered = above.setdefault(frame, np.zeros(size, bool))
            assert (pixels == (own & ~covered)).all()
            covered |= own
