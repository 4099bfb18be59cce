"""The sample clip is the same every time, and its stored prompts lie on what they name."""

from itertools import islice

import numpy as np
import pytest

from backend.sample.clip import frames
from backend.sample.prompts import PROMPTS, StoredPrompt
from backend.sample.scene import HEIGHT, NUM_FRAMES, THINGS, WIDTH


def test_drawing_it_twice_gives_the_same_pixels() -> None:
    for first, second in zip(islice(frames(), 3), islice(frames(), 3), strict=True):
        assert first.shape == (HEIGHT, WIDTH, 3)
        assert np.array_equal(first, second)


STORED = [pytest.param(name, prompt, id=f"{name}-{prompt.frame_index}") for name in PROMPTS for prompt in PROMPTS[name]]


@pytest.mark.parametrize(("name", "prompt"), STORED)
def test_a_stored_click_is_on_its_object_and_inside_its_box(name: str, prompt: StoredPrompt) -> None:
    (thing,) = [thing for thing in THINGS if thing.name == name]
    sprite = np.asarray(thing.sprite(prompt.frame_index).getchannel("A"))
    x, y = thing.at(prompt.frame_index)
    left, top = round(x - sprite.shape[1] / 2), round(y - sprite.shape[0] / 2)
    click_x, click_y = (round(value) for value in prompt.click)
    assert sprite[click_y - top, click_x - left] == 255
    x0, y0, x1, y1 = prompt.box
    assert x0 < prompt.click[0] < x1
    assert y0 < prompt.click[1] < y1


def test_things_cross_hide_leave_and_return() -> None:
    at = {thing.name: [thing.at(i) for i in range(NUM_FRAMES)] for thing in THINGS}
    assert any(abs(ball[0] - car[0]) < 20 for ball, car in zip(at["Ball"], at["Car"], strict=True))
    post_between = [post[0] - car[0] for post, car in zip(at["post"], at["Car"], strict=True)]
    assert min(post_between) < 0 < max(post_between)
    heights = [y for _x, y in at["Balloon"]]
    assert heights[0] > 0
    assert min(heights) < -60  # wholly above the picture
    assert heights[-1] > 0
