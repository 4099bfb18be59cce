"""What the loss teaches: the best candidate of a single click, and mask 0 of everything else."""

import torch
from torch import Tensor

from model_server.models.loom.prompt_head.u_net import HeadAnswer
from model_server.training.prompt_head.head_loss import head_loss


def taught(*, is_ambiguous: bool) -> tuple[Tensor, Tensor]:
    """Gradient of each of four masks, and of each predicted IoU; candidate 2 is nearest to the truth."""
    targets = torch.zeros(1, 1, 8, 8)
    targets[..., 2:6, 2:6] = 1
    masks = torch.zeros(1, 4, 8, 8)
    masks[:, 2] = 2 * targets[:, 0] - 1
    masks, ious = masks.requires_grad_(), torch.full((1, 4), 0.4).requires_grad_()
    head_loss(HeadAnswer(masks, ious), targets, is_ambiguous=is_ambiguous)[0].backward()
    assert masks.grad is not None
    assert ious.grad is not None
    return masks.grad.abs().sum(dim=(0, 2, 3)), ious.grad[0].abs()


def test_a_clear_prompt_teaches_mask_0_alone() -> None:
    masks, ious = taught(is_ambiguous=False)
    assert (masks > 0).tolist() == (ious > 0).tolist() == [True, False, False, False]


def test_a_single_click_teaches_its_best_candidate_most() -> None:
    masks, ious = taught(is_ambiguous=True)
    assert (masks > 0).all()
    assert masks[2] > 3 * masks[1]
    assert (ious > 0).tolist() == [False, True, True, True]
