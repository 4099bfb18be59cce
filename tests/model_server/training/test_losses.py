"""The losses, against values worked out by hand."""

import math
from dataclasses import replace

import pytest
import torch

from model_server.training.objectives.losses import PAPER, Answer, StepLoss, dice_loss, focal_loss, mask_iou, step_loss

CERTAIN = 20.0


def logits_of(mask: torch.Tensor, strength: float = CERTAIN) -> torch.Tensor:
    return (mask.float() * 2 - 1) * strength


def square(top: int, left: int, side: int, size: int = 8) -> torch.Tensor:
    mask = torch.zeros(1, 1, size, size, dtype=torch.bool)
    mask[..., top : top + side, left : left + side] = True
    return mask


def answer(logits: torch.Tensor, *, ious: torch.Tensor, score: float = CERTAIN) -> Answer:
    return Answer(logits, ious, torch.tensor([[score]]))


def test_focal_loss_of_an_undecided_mask_is_the_weighted_cross_entropy_at_one_half() -> None:
    target = square(0, 0, 4)  # a quarter of the pixels
    expected = math.log(2) * 0.5**2 * (0.25 * 0.25 + 0.75 * 0.75)
    assert torch.allclose(focal_loss(torch.zeros(1, 1, 8, 8), target), torch.tensor([[expected]]))


def test_gamma_zero_makes_the_focal_loss_a_weighted_cross_entropy() -> None:
    target = square(0, 0, 4)
    plain = focal_loss(torch.zeros(1, 1, 8, 8), target, alpha=0.5, gamma=0.0)
    assert torch.allclose(plain, torch.tensor([[math.log(2) * 0.5]]))


def test_dice_loss_of_half_the_object_is_one_third() -> None:
    target = square(0, 0, 4)
    half = target.clone()
    half[..., 2:, :] = False  # 8 of 16 pixels: dice = (2 * 8 + 1) / (8 + 16 + 1)
    assert torch.allclose(dice_loss(logits_of(half), target), torch.tensor([[1 - 17 / 25]]), atol=1e-4)


def test_iou_counts_overlap_over_union_and_two_empty_masks_as_one() -> None:
    assert math.isclose(mask_iou(logits_of(square(0, 0, 4)), square(0, 2, 4)).item(), 8 / 24, rel_tol=1e-6)
    nothing = torch.zeros(1, 1, 8, 8, dtype=torch.bool)
    assert mask_iou(logits_of(nothing), nothing).item() == 1


def test_only_the_best_of_three_masks_learns_its_shape() -> None:
    target = square(0, 0, 4)
    candidates = torch.cat([logits_of(square(4, 4, 4), 2.0), logits_of(target, 2.0), logits_of(~target, 2.0)], dim=1)
    candidates.requires_grad_()
    step_loss(answer(candidates, ious=torch.zeros(1, 3)), target, PAPER).mask.backward()
    assert candidates.grad is not None
    moved = candidates.grad.abs().sum(dim=(2, 3))[0]
    assert moved[1] > 0
    assert moved[0] == moved[2] == 0


def test_every_one_of_three_masks_learns_its_iou() -> None:
    target = square(0, 0, 4)
    ious = torch.full((1, 3), 0.5, requires_grad=True)
    candidates = torch.cat([logits_of(target), logits_of(square(0, 2, 4)), logits_of(~target)], dim=1)
    loss = step_loss(answer(candidates, ious=ious), target, PAPER)
    assert math.isclose(loss.iou.item(), (0.5 + (0.5 - 1 / 3) + 0.5) / 3, rel_tol=1e-5)
    loss.iou.backward()
    assert ious.grad is not None
    assert (ious.grad != 0).all()


def test_where_the_object_is_absent_only_the_object_score_learns() -> None:
    target = torch.zeros(1, 1, 8, 8, dtype=torch.bool)
    loss = step_loss(answer(torch.randn(1, 3, 8, 8), ious=torch.rand(1, 3), score=3.0), target, PAPER)
    assert loss.mask.item() == loss.iou.item() == 0
    assert math.isclose(loss.score.item(), math.log(1 + math.exp(3.0)), rel_tol=1e-5)


def test_the_papers_weights_are_20_for_focal_and_1_for_dice_iou_and_object_score() -> None:
    logits, target = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)), square(0, 0, 4)
    expected = 20 * focal_loss(logits, target) + dice_loss(logits, target)
    assert torch.allclose(PAPER(logits, target), expected)
    assert StepLoss(*(torch.tensor(value) for value in (1.0, 10.0, 100.0))).total().item() == 111


def test_a_hard_pixel_counts_for_more_than_a_hundred_easy_ones() -> None:
    target = square(0, 0, 8)
    sure = torch.full((1, 1, 8, 8), 3.0)
    one_miss = sure.clone()
    one_miss[..., 0, 0] = -3.0
    assert focal_loss(one_miss, target).item() > 2 * 63 / 64 * focal_loss(sure, target).item() * 5


def test_the_mask_with_the_lowest_weighted_sum_is_the_best_whatever_one_part_says() -> None:
    """A timid mask has the lower focal loss here, a bold one the lower dice loss and the lower sum."""
    target = square(0, 0, 2, size=32)
    timid, bold = torch.full((1, 1, 32, 32), -6.0), torch.full((1, 1, 32, 32), -3.0)
    bold[..., :2, :2] = 1.0
    timid[..., :2, :2] = -0.5
    candidates = torch.cat([timid, bold], dim=1)
    each = PAPER(candidates, target)[0]
    loss = step_loss(answer(candidates, ious=torch.zeros(1, 2)), target, PAPER).mask
    assert loss.item() == each.min().item()
    assert each.argmin() == (20 * focal_loss(candidates, target) + dice_loss(candidates, target))[0].argmin()


def test_of_several_masks_the_others_learn_by_the_spread() -> None:
    target = square(0, 0, 4)
    learned = []
    for spread in (0.0, 0.3):
        logits = (logits_of(target, 4.0) * torch.tensor([1.0, -1.0, -1.0])[None, :, None, None]).requires_grad_()
        loss = step_loss(answer(logits, ious=torch.zeros(1, 3)), target, replace(PAPER, spread=spread)).mask
        each = PAPER(logits, target)[0]
        assert loss.item() == pytest.approx((1 - spread) * each.min().item() + spread * each.mean().item())
        loss.backward()
        assert logits.grad is not None
        learned.append(bool(logits.grad[0, 1:].abs().sum() > 0))
    assert learned == [False, True]


def test_losses_are_means_over_the_objects_and_absent_ones_count_as_nothing() -> None:
    target = torch.cat([square(0, 0, 4), torch.zeros(1, 1, 8, 8, dtype=torch.bool)])
    logits = torch.zeros(2, 1, 8, 8)
    both = step_loss(Answer(logits, torch.full((2, 1), 0.5), torch.tensor([[2.0], [2.0]])), target, PAPER)
    alone = step_loss(Answer(logits[:1], torch.full((1, 1), 0.5), torch.tensor([[2.0]])), target[:1], PAPER)
    assert math.isclose(both.mask.item(), alone.mask.item() / 2, rel_tol=1e-6)
    assert math.isclose(both.iou.item(), alone.iou.item() / 2, rel_tol=1e-6)
    score = (math.log(1 + math.exp(-2.0)) + math.log(1 + math.exp(2.0))) / 2
    assert math.isclose(both.score.item(), score, rel_tol=1e-5)
