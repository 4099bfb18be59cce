"""Pictures are encoded once; what shows too little is left out."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.training.prompt_head.pictures import PictureFolder
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.training.prompt_head.discs import SIDE, write_discs


class CountedTrunk:
    def __init__(self) -> None:
        self.trunk = EfficientNetLite(published_weights())
        self.num_pictures = 0

    def __call__(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        self.num_pictures += len(pixels)
        return self.trunk(pixels)


def test_what_the_trunk_sees_is_kept_beside_the_pictures(tmp_path: Path) -> None:
    write_discs(tmp_path / "discs", 3)
    trunk = CountedTrunk()
    first = PictureFolder(tmp_path / "discs", trunk)[1]
    again = PictureFolder(tmp_path / "discs", trunk)[1]
    assert trunk.num_pictures == 3
    with torch.no_grad():
        seen = trunk(first.pixels[None].float())
    for level, kept, expected in zip(first.levels, again.levels, seen, strict=True):
        assert torch.equal(level, kept)
        assert torch.allclose(level.float(), expected[0], atol=1e-2, rtol=1e-2)


def test_an_interrupted_folder_is_finished_and_a_changed_picture_seen_anew(tmp_path: Path) -> None:
    write_discs(tmp_path / "discs", 3)
    trunk = CountedTrunk()
    PictureFolder(tmp_path / "discs", trunk)
    (tmp_path / "discs" / "features" / "00002.npz").unlink()
    write_discs(tmp_path / "others", 1, seed=5)
    changed = tmp_path / "discs" / "00000.npz"
    before = PictureFolder(tmp_path / "discs", trunk)[0]
    assert trunk.num_pictures == 4
    changed.write_bytes((tmp_path / "others" / "00000.npz").read_bytes())
    after = PictureFolder(tmp_path / "discs", trunk)[0]
    assert trunk.num_pictures == 5
    assert not torch.equal(before.levels[0], after.levels[0])


def test_specks_are_not_asked_for(tmp_path: Path) -> None:
    write_discs(tmp_path / "discs", 2)
    rgb, bits = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    bits[:20, :20], bits[40:43, 40:43] = 1, 2
    np.savez_compressed(tmp_path / "discs" / "00000.npz", rgb=rgb, objects=bits)
    np.savez_compressed(tmp_path / "discs" / "00001.npz", rgb=rgb, objects=bits & 2)
    pictures = PictureFolder(tmp_path / "discs", CountedTrunk())
    assert len(pictures) == 1
    assert pictures[0].objects.sum(axis=(1, 2)).tolist() == [400]


def test_a_folder_without_an_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shows an object"):
        PictureFolder(tmp_path, CountedTrunk())
