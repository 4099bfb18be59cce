"""Folders of masks: the two layouts, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from model_server.measurement.commands import app
from model_server.measurement.mask_folders import MaskFolderError, score_folders

FRAMES = ("00000", "00004", "00008", "00012")


def draw(path: Path, value: int, *, left: int = 10, size: tuple[int, int] = (60, 80)) -> None:
    """A box of one value, 20 x 30 pixels."""
    labels = np.zeros(size, np.uint8)
    labels[10:30, left : left + 30] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(labels).save(path)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "gt", tmp_path / "pred"


def test_each_object_folder_is_an_object_and_the_rest_is_ignored(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / "000" / f"{frame}.png", 255)
        draw(predicted / "v" / "000" / f"{frame}.png", 1, left=20)
        draw(predicted / "v" / "001" / f"{frame}.png", 255)
    draw(predicted / "v" / "000" / "00016.png", 255)
    (scored,) = score_folders(truth, predicted)
    assert scored.name == "v/000"
    assert scored.score.region == pytest.approx([0.5, 0.5])


def test_in_a_palette_video_the_value_is_the_object(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / f"{frame}.png", 3)
        draw(predicted / "v" / f"{frame}.png", 3 if frame != "00004" else 7)
    (scored,) = score_folders(truth, predicted)
    assert scored.name == "v/3"
    assert scored.score.region == [0.0, 1.0]


def test_the_ends_count_on_request(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / f"{frame}.png", 1)
        draw(predicted / "v" / f"{frame}.png", 1 if frame != "00012" else 2)
    assert next(iter(score_folders(truth, predicted))).score.j == 1
    assert next(iter(score_folders(truth, predicted, skip_ends=False))).score.j == 0.75


def test_a_missing_prediction_is_named(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / "000" / f"{frame}.png", 255)
        draw(predicted / "v" / "000" / f"{frame}.png", 255)
    (predicted / "v" / "000" / "00008.png").unlink()
    with pytest.raises(MaskFolderError, match=r"00008\.png is missing"):
        list(score_folders(truth, predicted))


def test_another_size_an_empty_truth_and_a_broken_picture_are_refused(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / "000" / f"{frame}.png", 255)
        draw(predicted / "v" / "000" / f"{frame}.png", 255, size=(40, 80))
    with pytest.raises(MaskFolderError, match=r"the truth is \(60, 80\)"):
        list(score_folders(truth, predicted))
    for frame in FRAMES:
        draw(truth / "v" / "000" / f"{frame}.png", 0)
        draw(predicted / "v" / "000" / f"{frame}.png", 255)
    with pytest.raises(MaskFolderError, match="visible on no scored frame"):
        list(score_folders(truth, predicted))
    (predicted / "v" / "000" / "00004.png").write_bytes(b"not a picture")
    with pytest.raises(MaskFolderError, match="not a readable picture"):
        list(score_folders(truth, predicted))


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MaskFolderError, match="holds no videos"):
        list(score_folders(tmp_path, tmp_path))


def test_void_pixels_of_a_palette_truth_are_ignored(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / f"{frame}.png", 3)
        labels = np.asarray(Image.open(truth / "v" / f"{frame}.png")).copy()
        labels[35:45] = 255
        Image.fromarray(labels).save(truth / "v" / f"{frame}.png")
        labels[labels == 255] = 3  # what nobody decided about may be anything
        (predicted / "v").mkdir(parents=True, exist_ok=True)
        Image.fromarray(labels).save(predicted / "v" / f"{frame}.png")
    (scored,) = score_folders(truth, predicted)
    assert (scored.name, scored.score.j, scored.score.f) == ("v/3", 1.0, 1.0)


def test_void_is_void_where_the_object_shows_in_the_first_frame_only(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for number, frame in enumerate(FRAMES):
        draw(truth / "v" / f"{frame}.png", 3 if number == 0 else 0)
        labels = np.asarray(Image.open(truth / "v" / f"{frame}.png")).copy()
        labels[35:45] = 255
        Image.fromarray(labels).save(truth / "v" / f"{frame}.png")
        draw(predicted / "v" / f"{frame}.png", 0)
    assert list(score_folders(truth, predicted)) == []
    refused = CliRunner().invoke(app, ["masks", "--gt", str(truth), "--pred", str(predicted)])
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"maskloom evaluate: {truth} shows no object on a frame that is scored\n",
    )


def test_a_truth_of_255_alone_is_an_object(folders: tuple[Path, Path]) -> None:
    truth, predicted = folders
    for frame in FRAMES:
        draw(truth / "v" / f"{frame}.png", 255)
        draw(predicted / "v" / f"{frame}.png", 255)
    (scored,) = score_folders(truth, predicted)
    assert (scored.name, scored.score.j) == ("v/255", 1.0)
