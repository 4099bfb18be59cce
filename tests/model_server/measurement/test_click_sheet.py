"""Sheets of first clicks: drawn clips, and the real network at its smallest."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from model_server.measurement.click_sheet import GAP, LINE, MARK, OUTLINE, ClickedPlace, Place, draw_sheet
from model_server.measurement.commands import app
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from model_server.segmenter import FrameResult, Mask
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS, MovingDisc
from tests.model_server.recipe_weights import recipe_network

VIDEO = MovingDisc()
SIDE = 2 * VIDEO.width


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    (folder / "disc").mkdir()
    for index in range(3):
        Image.fromarray(VIDEO.rgb(index)).save(folder / "disc" / f"{index:05}.png")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mini.safetensors"
    save(recipe_network(PRESETS["mini"], {OBJECT_SCORE_BIAS: 20.0}), path, card="", metrics={})
    return path


def sheet(clips: Path, weights: Path, places: str, out: Path) -> Result:
    (file := out.parent / "places.json").write_text(places)
    asked = ["sheet", "--clips", clips, "--places", file, "--out", out, "--model", weights, "--width", SIDE]
    return CliRunner().invoke(app, [*map(str, asked), "--threads", "1", "--device", "cpu"])


def result(mask: Mask, predicted_iou: float = 0.5) -> FrameResult:
    return FrameResult(0, "a", mask, np.zeros((1, 1), np.float32), predicted_iou, 9.0, 1.0)


def test_every_place_is_drawn_with_its_click_six_in_a_row(clips: Path, weights: Path, tmp_path: Path) -> None:
    at = [(20.0 + 15 * number, 30.0 + 5 * number) for number in range(7)]
    places = [{"clip": "disc", "x": x, "y": y, "thing": "the disc", "frame": 2} for x, y in at]
    told = sheet(clips, weights, json.dumps(places), tmp_path / "sheet.png")
    assert told.exit_code == 0, told.output
    assert told.output.count("disc, the disc: predicted IoU") == len(places)
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert drawn.shape[1] == 6 * (SIDE + GAP) + GAP
    marks = (drawn == MARK).all(axis=2)
    for number, (x, y) in enumerate(at[:6]):
        row, column = round(GAP + (y + 0.5) * 2), round(GAP + number * (SIDE + GAP) + (x + 0.5) * 2)
        assert marks[row, column], f"the click at {x}, {y}"
    below = drawn[drawn.shape[0] // 2 :]
    assert (below[:, : SIDE + GAP] == MARK).all(axis=2).any(), "the seventh begins a new row"
    assert not (below[:, SIDE + 2 * GAP :] == MARK).all(axis=2).any()


def test_the_mask_is_outlined_where_it_is_and_other_candidates_stand_below(tmp_path: Path) -> None:
    disc, other = VIDEO.disc(0), VIDEO.disc(9)
    place = Place(clip="disc", x=40, y=45, thing="the disc")
    drawn = [
        np.asarray(draw_sheet([ClickedPlace(place, VIDEO.rgb(0), result(disc), others)], SIDE))
        for others in ((), (result(other, 0.25),))
    ]
    outlines = [(picture == OUTLINE).all(axis=2) for picture in drawn]
    rows, columns = np.nonzero(outlines[0])
    top, left = (int(each) for each in (rows.min() - GAP, columns.min() - GAP))
    edges = np.flatnonzero(disc.any(axis=1))[0], np.flatnonzero(disc.any(axis=0))[0]
    assert (top, left) == (2 * edges[0], 2 * edges[1])
    assert rows.max() < GAP + 2 * VIDEO.height, "no other candidate"
    small = np.nonzero(outlines[1][GAP + 2 * VIDEO.height + LINE :])
    expected = GAP + SIDE - SIDE // 3 + np.flatnonzero(other.any(axis=0))[0] / VIDEO.width * (SIDE // 3)
    assert small[1].min() == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ('[{"clip": "cat", "x": 1, "y": 1, "thing": "the cat"}]', "holds no clip cat"),
        ('[{"clip": "disc", "x": 160, "y": 1, "thing": "the disc"}]', "160, 1 is outside disc, which is 160 x 90"),
        ('[{"clip": "disc", "x": 1, "y": 1, "thing": "the disc", "frame": 3}]', "disc has no frame 3"),
        ('[{"clip": "disc", "x": "left", "y": 1, "thing": "the disc"}]', "0.x: "),
        ("[]", "lists no places"),
        ("{", "lists no places"),
    ],
)
def test_places_that_cannot_be_clicked_are_named(
    clips: Path, weights: Path, tmp_path: Path, places: str, why: str
) -> None:
    told = sheet(clips, weights, places, tmp_path / "sheet.png")
    assert told.exit_code == 1
    assert why in told.output
    assert not (tmp_path / "sheet.png").exists()
