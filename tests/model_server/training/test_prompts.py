"""The simulated annotator follows the paper's rules."""

from collections import Counter

import numpy as np
import pytest
import torch

from model_server.models.sam2.network.prompt_encoder import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NEGATIVE, POSITIVE
from model_server.training.prompts import (
    UNREFINED_SHARE,
    corrective_click,
    draw_correction_plan,
    draw_plan,
    initial_click,
    noisy_box,
)

DRAWS = 4000


def plans(num_frames: int = 6) -> list:
    rng = np.random.default_rng(0)
    return [draw_plan(rng, num_frames=num_frames, num_corrections=3) for _ in range(DRAWS)]


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def stacked(mask: torch.Tensor, count: int = DRAWS) -> torch.Tensor:
    return mask.expand(count, -1, -1)


def square(top: int, left: int, height: int, width: int, size: int = 64) -> torch.Tensor:
    mask = torch.zeros(1, size, size, dtype=torch.bool)
    mask[:, top : top + height, left : left + width] = True
    return mask


def test_clips_start_from_masks_clicks_and_boxes_half_a_quarter_and_a_quarter_of_the_time() -> None:
    shares = Counter(plan.kind for plan in plans())
    assert shares["mask"] / DRAWS == pytest.approx(0.5, abs=0.03)
    assert shares["click"] / DRAWS == pytest.approx(0.25, abs=0.03)
    assert shares["box"] / DRAWS == pytest.approx(0.25, abs=0.03)


def test_images_are_never_prompted_with_their_mask() -> None:
    assert {plan.kind for plan in plans(num_frames=1)} == {"click", "box"}


def test_the_first_frame_is_always_prompted_and_at_most_one_other() -> None:
    for plan in plans():
        assert plan.initial_frames[0] == 0
        assert len(plan.initial_frames) <= 2


def test_corrected_frames_include_the_initial_ones_and_sometimes_a_tracked_one() -> None:
    clicked = [plan for plan in plans() if plan.kind != "mask"]
    assert all(set(plan.initial_frames) <= set(plan.corrected_frames) for plan in clicked)
    assert all(len(plan.corrected_frames) <= 2 for plan in clicked)
    assert any(set(plan.corrected_frames) - set(plan.initial_frames) for plan in clicked)


def correction_plans(mask_share: float) -> list:
    rng = np.random.default_rng(0)
    return [draw_correction_plan(rng, num_frames=6, num_corrections=3, mask_share=mask_share) for _ in range(DRAWS)]


def test_a_plan_of_corrections_clicks_one_or_two_tracked_frames_whatever_the_clip_starts_from() -> None:
    drawn = correction_plans(0.6)
    tracked = Counter(len(set(plan.corrected_frames) - {0}) for plan in drawn)
    assert set(tracked) == {1, 2}
    assert tracked[1] / DRAWS == pytest.approx(0.5, abs=0.03)
    assert {frame for plan in drawn for frame in plan.corrected_frames} == set(range(6))
    assert all(plan.initial_frames == (0,) for plan in drawn)
    assert sum(plan.kind == "mask" for plan in drawn) / DRAWS == pytest.approx(0.6, abs=0.03)
    assert {plan.kind for plan in drawn} == {"mask", "box", "click"}


def test_a_mask_is_never_corrected_on_its_own_frame_and_clicks_are_half_of_the_time() -> None:
    assert not any(0 in plan.corrected_frames for plan in correction_plans(1.0))
    assert np.mean([0 in plan.corrected_frames for plan in correction_plans(0.0)]) == pytest.approx(0.5, abs=0.03)


def test_some_corrections_come_without_the_mask() -> None:
    refined = np.mean([plan.refines for plan in correction_plans(0.6)])
    assert 1 - refined == pytest.approx(UNREFINED_SHARE, abs=0.03)
    assert all(plan.refines for plan in plans())


def test_one_initial_frame_is_as_likely_as_two_and_the_second_is_any() -> None:
    drawn = plans()
    two = [plan for plan in drawn if len(plan.initial_frames) == 2]
    assert len(two) / DRAWS == pytest.approx(0.5, abs=0.03)
    seconds = Counter(plan.initial_frames[1] for plan in two)
    assert set(seconds) == {1, 2, 3, 4, 5}
    assert all(count / len(two) == pytest.approx(0.2, abs=0.03) for count in seconds.values())


def test_a_second_frame_is_corrected_half_of_the_time_where_one_was_prompted() -> None:
    """Corrections fall on one or two frames, never fewer than were prompted: a tracked one then conditions too."""
    one = [plan for plan in plans() if plan.kind != "mask" and plan.initial_frames == (0,)]
    corrected_too = [plan for plan in one if len(plan.corrected_frames) == 2]
    assert len(corrected_too) / len(one) == pytest.approx(0.5, abs=0.04)
    assert {plan.corrected_frames[1] for plan in corrected_too} == {1, 2, 3, 4, 5}


def test_a_mask_prompt_is_never_corrected() -> None:
    assert all(plan.corrected_frames == () for plan in plans() if plan.kind == "mask")


def test_initial_frames_are_visited_before_the_frames_between_them() -> None:
    plan = next(plan for plan in plans() if plan.initial_frames == (0, 4))
    assert plan.order(6) == (0, 4, 1, 2, 3, 5)


def test_the_first_click_is_uniform_over_the_object() -> None:
    mask = square(0, 0, 1, 4) | square(32, 32, 2, 2)
    points = initial_click(stacked(mask), seeded())
    assert (points.labels == POSITIVE).all()
    counts = Counter((int(x), int(y)) for x, y in points.coordinates[:, 0])
    assert len(counts) == 8
    assert all(count / DRAWS == pytest.approx(1 / 8, abs=0.02) for count in counts.values())


def test_an_absent_object_gets_a_negative_click() -> None:
    assert (initial_click(torch.zeros(3, 8, 8, dtype=torch.bool), seeded()).labels == NEGATIVE).all()


def test_box_corners_are_off_by_at_most_a_tenth_of_the_side() -> None:
    points = noisy_box(stacked(square(20, 10, 20, 40)), seeded())
    assert points.labels[0].tolist() == [BOX_TOP_LEFT, BOX_BOTTOM_RIGHT]
    error = points.coordinates - torch.tensor([[10.0, 20.0], [49.0, 39.0]])
    assert error[..., 0].abs().max() <= 3.9 + 1e-4
    assert error[..., 1].abs().max() <= 1.9 + 1e-4
    assert error.abs().max() > 3


def test_box_corners_of_a_large_object_are_off_by_at_most_twenty_pixels() -> None:
    points = noisy_box(stacked(square(50, 50, 400, 400, size=500), 200), seeded())
    error = (points.coordinates - torch.tensor([[50.0, 50.0], [449.0, 449.0]])).abs().max()
    assert 15 < error <= 20


def test_a_box_around_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="visible"):
        noisy_box(torch.zeros(1, 8, 8, dtype=torch.bool), seeded())


def test_corrections_fall_on_errors_except_for_a_tenth_that_fall_on_the_object() -> None:
    truth, predicted = square(0, 0, 10, 10), square(0, 5, 10, 10)
    points = corrective_click(stacked(truth), stacked(predicted), seeded())
    x, y = points.coordinates[:, 0].long().unbind(dim=1)
    wrong = (truth ^ predicted)[0][y, x]
    # A blind click lands on the half of the object that is missing, too.
    assert wrong.float().mean().item() == pytest.approx(0.95, abs=0.015)
    positive = points.labels[:, 0] == POSITIVE
    assert torch.equal(positive, truth[0][y, x])
    assert positive.float().mean().item() == pytest.approx(0.9 * 0.5 + 0.1, abs=0.03)


def test_a_perfect_mask_is_corrected_by_a_negative_click_outside() -> None:
    truth = square(0, 0, 32, 64)
    points = corrective_click(stacked(truth), stacked(truth), seeded())
    x, y = points.coordinates[:, 0].long().unbind(dim=1)
    assert (points.labels[:, 0] == NEGATIVE).float().mean().item() == pytest.approx(0.9, abs=0.02)
    assert torch.equal(points.labels[:, 0] == POSITIVE, truth[0][y, x])


def test_a_blind_correction_of_a_perfect_mask_is_a_click_on_the_object() -> None:
    truth = square(10, 10, 20, 20)
    points = corrective_click(stacked(truth), stacked(truth), seeded())
    assert (points.labels[:, 0] == POSITIVE).float().mean().item() == pytest.approx(0.1, abs=0.02)


def test_an_absent_object_that_was_drawn_is_corrected_by_a_negative_click_on_the_drawing() -> None:
    nothing, drawn = torch.zeros(1, 64, 64, dtype=torch.bool), square(10, 10, 20, 20)
    points = corrective_click(stacked(nothing), stacked(drawn), seeded())
    x, y = points.coordinates[:, 0].long().unbind(dim=1)
    assert (points.labels[:, 0] == NEGATIVE).all()
    assert drawn[0][y, x].all()
