"""Label images and clip folders are read as written; the protocol runs through a real session."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_server.evaluation.clip_folder import read_clip
from model_server.evaluation.png import read_labels
from model_server.evaluation.vos import score_masks


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palette_images_give_object_ids(tmp_path: Path, bits: int) -> None:
    labels = np.random.default_rng(0).integers(0, 2**bits, (37, 51)).astype(np.uint8)
    image = Image.fromarray(labels, mode="P")
    image.putpalette(list(range(256)) * 3)
    image.save(tmp_path / "labels.png", bits=bits)
    assert np.array_equal(read_labels(tmp_path / "labels.png"), labels)


def test_filtered_greyscale_images_are_read(tmp_path: Path) -> None:
    y, x = np.mgrid[0:64, 0:64]
    labels = ((x + 2 * y) % 251).astype(np.uint8)  # smooth, so that the writer uses every line filter
    Image.fromarray(labels).save(tmp_path / "smooth.png", optimize=True)
    assert np.array_equal(read_labels(tmp_path / "smooth.png"), labels)


def test_a_colour_image_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "colour.png")
    with pytest.raises(ValueError, match="label image"):
        read_labels(tmp_path / "colour.png")


def test_objects_of_label_images_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    for frame, row in ((0, [0, 1, 1]), (4, [2, 1, 0])):
        Image.fromarray(np.array([row], np.uint8)).save(tmp_path / "masks" / f"{frame:05d}.png")
    clip = read_clip(tmp_path)
    assert {name: sorted(masks) for name, masks in clip.truths.items()} == {"1": [0, 4], "2": [4]}
    assert clip.truths["1"][4].tolist() == [[False, True, False]]


def test_overlapping_objects_come_from_a_folder_each(tmp_path: Path) -> None:
    for name in ("000", "001"):
        (tmp_path / "masks_manual_per_object" / name).mkdir(parents=True)
        Image.fromarray(np.full((2, 2), 255, np.uint8)).save(tmp_path / "masks_manual_per_object" / name / "00008.png")
    clip = read_clip(tmp_path)
    assert sorted(clip.truths) == ["000", "001"]
    assert clip.truths["000"][8].all()


def test_a_folder_without_masks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no masks"):
        read_clip(tmp_path)


def test_void_pixels_are_no_object_and_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    for frame in (0, 4, 8):
        Image.fromarray(np.array([[0, 1, 1, 255]], np.uint8)).save(tmp_path / "masks" / f"{frame:05d}.png")
    clip = read_clip(tmp_path)
    assert list(clip.truths) == ["1"]
    too_much = {frame: np.array([[False, True, True, True]]) for frame in (0, 4, 8)}
    assert score_masks(clip.truths["1"], too_much).j == pytest.approx(2 / 3)
    assert score_masks(clip.truths["1"], too_much, clip.void).j == 1
