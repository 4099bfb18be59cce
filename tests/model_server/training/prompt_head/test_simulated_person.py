"""Clicks and boxes of the simulated person fall where they should."""

import numpy as np

from model_server.segmenter import FramePrompt
from model_server.training.prompt_head.simulated_person import (
    corrected,
    exact_box,
    first_click,
    loose_box,
    middle_click,
)


def truth_of() -> np.ndarray:
    truth = np.zeros((60, 80), bool)
    truth[10:40, 20:61] = True
    return truth


def test_first_clicks_are_on_the_object_and_more_often_well_inside() -> None:
    truth, random = truth_of(), np.random.default_rng(0)
    clicks = [first_click(truth, random) for _ in range(300)]
    assert all(click.positive and truth[int(click.y), int(click.x)] for click in clicks)
    inner = [17 <= click.y < 33 and 27 <= click.x < 54 for click in clicks]
    assert 0.55 < np.mean(inner) < 0.8  # 0.35 of the area; half of the clicks seek the inside


def test_loose_boxes_are_right_on_the_average() -> None:
    truth, random = truth_of(), np.random.default_rng(0)
    exact = exact_box(truth)
    assert (exact.x0, exact.y0, exact.x1, exact.y1) == (20, 10, 60, 39)
    sides = np.array([(b.x0, b.y0, b.x1, b.y1) for b in (loose_box(truth, random) for _ in range(400))])
    assert np.allclose(sides.mean(axis=0), (20, 10, 60, 39), atol=0.5)
    assert np.allclose(sides.std(axis=0), (2.46, 1.8, 2.46, 1.8), rtol=0.15)


def test_a_correction_says_what_the_truth_says_there() -> None:
    truth, random = truth_of(), np.random.default_rng(0)
    too_far, too_short = truth.copy(), truth.copy()
    too_far[10:40, 61:79] = True
    too_short[:, 40:] = False
    prompt = FramePrompt((middle_click(truth),))
    for answer, positive in ((too_far, False), (too_short, True), (np.zeros_like(truth), True)):
        for _ in range(20):
            click = corrected(prompt, truth, answer, random).clicks[-1]
            assert click.positive == positive
            assert (truth ^ answer)[int(click.y), int(click.x)]


def test_a_right_answer_is_clicked_on_the_object() -> None:
    truth, random = truth_of(), np.random.default_rng(0)
    click = corrected(FramePrompt((first_click(truth, random),)), truth, truth, random).clicks[1]
    assert click.positive
    assert truth[int(click.y), int(click.x)]
