"""Carried masks are drawn by their pixels: bilinearly at first, and finer than cells once weights say so."""

import pytest
import torch
from torch.nn import functional

from model_server.models.loom.trunk.outline import AROUND, CELL, Outline, drawn_by

HEIGHT, WIDTH, CHANNELS = 5, 7, 6


def picture(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels and cells of two frames."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (2, 3, CELL * HEIGHT, CELL * WIDTH), generator=generator, dtype=torch.uint8)
    cells = torch.randn(2, CHANNELS, HEIGHT, WIDTH, generator=generator)
    return pixels, functional.normalize(cells, dim=1)


def test_a_fresh_outline_draws_bilinearly() -> None:
    shares = torch.rand(2, 3, HEIGHT, WIDTH)
    drawn = drawn_by(Outline(CHANNELS)(*picture()), shares)
    bilinear = functional.interpolate(shares, scale_factor=CELL, mode="bilinear")
    assert torch.allclose(drawn, bilinear, atol=1e-5)


def test_each_weight_reads_its_neighbour_for_its_pixel() -> None:
    weights = torch.zeros(1, AROUND**2, CELL**2, HEIGHT, WIDTH)
    upper_right, pixel = 2, 1 * CELL + 3  # of the nine around; of the sixteen within
    weights[0, upper_right, pixel, 2, 4] = 1.5
    shares = torch.zeros(1, 1, HEIGHT, WIDTH)
    shares[0, 0, 1, 5] = 0.4
    drawn = drawn_by(weights, shares)
    assert drawn[0, 0, 2 * CELL + 1, 4 * CELL + 3].item() == pytest.approx(0.6)
    assert drawn.count_nonzero() == 1


def test_objects_are_drawn_alike_alone_and_together() -> None:
    torch.manual_seed(1)
    outline = Outline(CHANNELS)
    torch.nn.init.normal_(outline.weigh.weight, std=0.05)
    weights, shares = outline(*picture()), torch.rand(2, 3, HEIGHT, WIDTH)
    together = drawn_by(weights, shares)
    assert all(torch.equal(together[:, [index]], drawn_by(weights, shares[:, [index]])) for index in range(3))


def test_where_cells_agree_pixels_do() -> None:
    torch.manual_seed(1)
    outline = Outline(CHANNELS)
    torch.nn.init.normal_(outline.weigh.weight, std=0.5)
    drawn = drawn_by(outline(*picture()), torch.full((2, 1, HEIGHT, WIDTH), 0.8))
    assert torch.allclose(drawn, torch.tensor(0.8), atol=1e-4)


def test_weights_follow_what_the_pixels_show() -> None:
    torch.manual_seed(1)
    outline = Outline(CHANNELS)
    torch.nn.init.normal_(outline.weigh.weight, std=0.05)
    pixels, cells = picture()
    other = pixels.clone()
    other[0, :, 9, 13] = 255 - other[0, :, 9, 13]  # of the cell (2, 3), which its eight neighbours look at too
    changed = (outline(pixels, cells) - outline(other, cells)).abs().amax(dim=(1, 2)) > 1e-6
    assert changed[0, 2, 3]
    assert not changed[1].any()
    assert not changed[0, :, 6].any()
