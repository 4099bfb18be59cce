"""Teaches correspondence: masks that are carried from frame to frame must arrive where their objects went.

Cheap beside the decoder: no object costs anything but its mask, so that one clip teaches all its objects at once, and
the image encoder learns from it to tell apart what moves apart.

Shapes: B clips, T frames, K objects, S pixels of the square frame, H = W = S / 4.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.sources import NUM_RECENT
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.losses import MaskLoss, mask_iou

STRIDE = 4
TAUGHT_SHARE = 0.5  # of the frames are carried on from their true masks instead of from what was carried there


def carrying_loss(
    network: Sam2, features: ImageFeatures, masks: Tensor, mask_loss: MaskLoss, generator: torch.Generator
) -> tuple[Tensor, float]:
    """Scalar: mean over all frames after the first and all objects; and the mean IoU of those in sight.

    features of the B * T frames, clip by clip; masks (B, T, K, S, S) bool.
    """
    assert features.places is not None, "the network has a correspondence"
    num_clips, num_frames = masks.shape[:2]
    truth = functional.avg_pool2d(masks.flatten(0, 1).float(), STRIDE).unflatten(0, (num_clips, num_frames))
    places = features.places.unflatten(0, (num_clips, num_frames))
    said = [truth[:, 0]]
    losses, ious = [], []
    for index in range(1, num_frames):
        earlier = [0, *range(max(1, index - NUM_RECENT), index)]
        before = [(places[:, other], said[other]) for other in earlier]
        logits = network.correspondence.carry(places[:, index], before)
        target = truth[:, index].flatten(0, 1)[:, None] >= 0.5
        losses.append(mask_loss(logits.flatten(0, 1)[:, None], target))
        iou = mask_iou(logits.flatten(0, 1)[:, None].detach(), target)
        ious.append(iou[target.flatten(1).any(dim=1)])
        taught = float(torch.rand(1, generator=generator)) < TAUGHT_SHARE
        said.append(truth[:, index] if taught else logits.sigmoid())
    return torch.cat(losses).mean(), float(torch.cat(ious).mean())
