"""An object that nothing was carried of is found wherever it is, and nothing is found where it is not."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from model_server.models.loom.correspondence import nothing_carried
from model_server.models.loom.reappearance import reappeared

SHARPNESS = torch.tensor(30.0)
SIDE, WIDTH = 24, 16
PROMPTED = (slice(2, 7), slice(3, 9))


def scene(seed: int = 0) -> Tensor:
    """(1, M, H, W) cells of a place, of which no two are alike."""
    return F.normalize(torch.randn(1, WIDTH, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)), dim=1)


def with_object(cells: Tensor, rows: slice, columns: slice) -> Tensor:
    """The same cells with the object, or the first rows and columns of it, before them."""
    cells = cells.clone()
    thing = scene(1)[..., : rows.stop - rows.start, : columns.stop - columns.start]
    cells[..., rows, columns] = thing
    return cells


def mask_of(rows: slice, columns: slice) -> Tensor:
    mask = torch.zeros(1, 1, SIDE, SIDE)
    mask[..., rows, columns] = 1
    return mask


@pytest.mark.parametrize("corner", [(2, 3), (15, 14), (0, 18)], ids=["where it was", "far away", "in a corner"])
def test_it_is_found_wherever_it_is(corner: tuple[int, int]) -> None:
    there = with_object(scene(), *PROMPTED)
    rows, columns = slice(corner[0], corner[0] + 5), slice(corner[1], corner[1] + 6)
    found = reappeared(with_object(scene(), rows, columns), there, mask_of(*PROMPTED), SHARPNESS)
    assert found is not None
    assert torch.equal(found > 0, mask_of(rows, columns) > 0)
    assert torch.equal(found[found <= 0], nothing_carried(found[found <= 0]))


def test_what_is_not_there_is_not_found() -> None:
    there = with_object(scene(), *PROMPTED)
    assert reappeared(scene(), there, mask_of(*PROMPTED), SHARPNESS) is None
    assert reappeared(scene(2), scene(), mask_of(*PROMPTED), SHARPNESS) is None


def test_a_corner_of_it_is_too_little() -> None:
    there = with_object(scene(), *PROMPTED)
    here = with_object(scene(), slice(15, 17), slice(15, 17))
    assert reappeared(here, there, mask_of(*PROMPTED), SHARPNESS) is None


def test_of_two_pieces_the_one_that_is_more_of_it_is_taken() -> None:
    there = with_object(scene(), *PROMPTED)
    here = with_object(with_object(scene(), slice(1, 4), slice(1, 5)), slice(12, 17), slice(12, 18))
    found = reappeared(here, there, mask_of(*PROMPTED), SHARPNESS)
    assert found is not None
    assert torch.equal(found > 0, mask_of(slice(12, 17), slice(12, 18)) > 0)


def test_a_whole_frame_like_it_is_no_object() -> None:
    there = with_object(scene(), *PROMPTED)
    like_it = there[..., 2:3, 3:4].expand(-1, -1, SIDE, SIDE)
    assert reappeared(like_it, there, mask_of(*PROMPTED), SHARPNESS) is None


def test_nothing_is_looked_for_that_was_never_seen() -> None:
    assert reappeared(scene(), scene(), torch.zeros(1, 1, SIDE, SIDE), SHARPNESS) is None
