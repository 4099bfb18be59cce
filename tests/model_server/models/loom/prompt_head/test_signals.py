"""What a prompt says about each cell: bumps at clicks, the box, shortest paths along the image."""

import heapq

import numpy as np
import torch
from torch import Tensor

from model_server.models.loom.prompt_head.signals import (
    FAR,
    DrawnPrompts,
    along_the_image,
    near_prompts,
    nearness,
    seeds_of,
    step_lengths,
)


def drawn(
    clicks: list[tuple[float, float, float]], box: tuple[float, float, float, float] | None = None
) -> DrawnPrompts:
    listed = clicks or [(0.0, 0.0, 0.0)]
    return DrawnPrompts(
        torch.tensor([[click[:2] for click in listed]]),
        torch.tensor([[click[2] for click in listed]]),
        torch.tensor([box or (0.0, 0.0, 0.0, 0.0)]),
        torch.zeros(1, 1, 24, 32),
    )


def an_image(height: int = 9, width: int = 11) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    features = torch.nn.functional.normalize(torch.randn(1, 5, height, width, generator=generator), dim=1)
    return features, torch.rand(1, 3, height, width, generator=generator)


def by_dijkstra(steps: Tensor, seeds: list[tuple[int, int]]) -> np.ndarray:
    height, width = steps.shape[-2:]
    neighbours = ((0, 1), (1, 0), (1, 1), (1, -1))
    best = np.full((height, width), np.inf)
    queue = [(0.0, *seed) for seed in seeds]
    while queue:
        length, y, x = heapq.heappop(queue)
        if length >= best[y, x]:
            continue
        best[y, x] = length
        for number, (dy, dx) in enumerate(neighbours):
            for (ny, nx), owner in (((y + dy, x + dx), (y, x)), ((y - dy, x - dx), (y - dy, x - dx))):
                if 0 <= ny < height and 0 <= nx < width:
                    heapq.heappush(queue, (length + float(steps[0, number, owner[0], owner[1]]), ny, nx))
    return best


def test_paths_along_the_image_are_the_shortest() -> None:
    steps = step_lengths(*an_image())
    seeds = torch.zeros(1, 9, 11, dtype=torch.bool)
    seeds[0, 2, 3] = seeds[0, 8, 10] = True
    np.testing.assert_allclose(along_the_image(steps, seeds)[0], by_dijkstra(steps, [(2, 3), (8, 10)]), rtol=1e-4)


def test_without_a_seed_nothing_is_near() -> None:
    distances = along_the_image(step_lengths(*an_image()), torch.zeros(1, 9, 11, dtype=torch.bool))
    assert (distances == FAR).all()
    assert not nearness(distances).any()


def test_clicks_stand_out_on_their_side_and_where_they_are() -> None:
    maps = near_prompts(drawn([(0.25, 0.5, 1.0), (0.75, 0.25, -1.0)]))[0]
    positive, negative = maps[0], maps[2]
    assert divmod(int(positive.argmax()), 32) in {(11, 7), (12, 7), (11, 8), (12, 8)}
    assert divmod(int(negative.argmax()), 32) in {(5, 23), (6, 23), (5, 24), (6, 24)}
    assert not maps[4].any()


def test_padding_says_nothing() -> None:
    padded = drawn([(0.25, 0.5, 1.0), (0.75, 0.25, 0.0)])
    assert torch.equal(near_prompts(padded), near_prompts(drawn([(0.25, 0.5, 1.0)])))
    inside, outside = seeds_of(padded, (12, 16))
    assert inside.sum() == 1
    assert not outside.any()


def test_all_outside_a_box_is_known_to_be_outside() -> None:
    inside, outside = seeds_of(drawn([], (0.25, 0.25, 0.75, 0.75)), (12, 16))
    assert not inside.any()
    assert outside[0, 0, 0]
    assert not outside[0, 4:8, 5:11].any()
