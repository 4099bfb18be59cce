"""The part of a frame that a prompt is about: where it lies, and that nothing gets lost on the way there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.models.loom.window import LEAST_SHARE, Window
from model_server.segmenter import Box, Click, FramePrompt

HEIGHT, WIDTH = 90, 160
clicks = st.builds(Click, st.floats(0, WIDTH - 1), st.floats(0, HEIGHT - 1), st.booleans())


def a_mask(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


@given(st.lists(clicks, min_size=1, max_size=5))
def test_a_window_lies_in_the_frame_and_holds_every_click(given_clicks: list[Click]) -> None:
    window = Window.around(FramePrompt(tuple(given_clicks)), None, HEIGHT, WIDTH)
    assert 0 <= window.top <= window.top + window.height <= HEIGHT
    assert 0 <= window.left <= window.left + window.width <= WIDTH
    for click in window.seen(FramePrompt(tuple(given_clicks))).clicks:
        assert -0.5 <= click.x <= window.width - 0.5
        assert -0.5 <= click.y <= window.height - 0.5


def test_a_window_is_as_large_as_what_it_is_about_and_never_tiny() -> None:
    small = Window.around(FramePrompt((Click(80, 45, True),)), a_mask(44, 79, 46, 81), HEIGHT, WIDTH)
    assert small.height == small.width == int(LEAST_SHARE * WIDTH)
    large = Window.around(FramePrompt((Click(80, 45, True),)), a_mask(30, 60, 60, 90), HEIGHT, WIDTH)
    assert (large.height, large.width) == (60, 60)
    assert (large.top, large.left) == (15, 45)
    around_box = Window.around(FramePrompt(box=Box(60, 30, 90, 60)), None, HEIGHT, WIDTH)
    assert (around_box.top, around_box.left, around_box.height, around_box.width) == (22, 52, 45, 45)


def test_a_window_larger_than_the_frame_is_the_frame() -> None:
    window = Window.around(FramePrompt((Click(0, 0, True),)), a_mask(0, 0, HEIGHT, WIDTH), HEIGHT, WIDTH)
    assert window == Window.whole(HEIGHT, WIDTH)


@pytest.mark.parametrize("window", [Window.whole(HEIGHT, WIDTH), Window(10, 20, 30, 40), Window(60, 120, 30, 40)])
def test_what_is_cut_from_a_frame_goes_back_to_its_place(window: Window) -> None:
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) > 0.5
    back = window.back(window.of(mask), HEIGHT, WIDTH)
    assert np.array_equal(window.of(back), window.of(mask))
    assert back.sum() == window.of(mask).sum()


def test_a_prompt_moves_with_its_window() -> None:
    prompt = FramePrompt((Click(50, 40, False),), box=Box(30, 20, 60, 50))
    seen = Window(10, 20, 60, 80).seen(prompt)
    assert seen == FramePrompt((Click(30, 30, False),), box=Box(10, 10, 40, 40))
