"""The encoder's own loss: low where features tell objects apart, indifferent to what is unknown."""

import torch
from torch import Tensor

from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.training.objectives.affinity import Affinity

SIZE = 64


def two_halves(num_frames: int = 1) -> Tensor:
    """(1, T, 2, S, S): object 0 fills the left third, object 1 the right third."""
    masks = torch.zeros(1, num_frames, 2, SIZE, SIZE, dtype=torch.bool)
    masks[:, :, 0, :, :16], masks[:, :, 1, :, 48:] = True, True
    return masks


def features(code: Tensor) -> ImageFeatures:
    """Maps at strides 16, 8, 4 from a (T, C, S, S) picture of codes."""
    return ImageFeatures(code[..., ::16, ::16], code[..., ::8, ::8], code[..., ::4, ::4])


def codes(masks: Tensor) -> Tensor:
    """(T, 3, S, S): one-hot by object, the rest third."""
    rest = ~masks.any(dim=2, keepdim=True)
    return torch.cat([masks, rest], dim=2)[0].float()


def loss(maps: ImageFeatures, masks: Tensor) -> float:
    return Affinity()(maps, masks, torch.Generator().manual_seed(0)).item()


def test_telling_objects_apart_costs_less_than_one_code_for_all() -> None:
    masks = two_halves()
    apart = loss(features(codes(masks)), masks)
    alike = loss(features(torch.ones(1, 3, SIZE, SIZE)), masks)
    wrong = loss(features(codes(masks.flip(4))), masks)
    assert apart < 0.4 * alike
    assert wrong < alike  # names do not matter, only who is alike


def test_one_object_must_look_alike_in_all_frames_of_a_clip() -> None:
    masks = two_halves(num_frames=2)
    steady = codes(masks)
    swapped = torch.stack([steady[0], steady[1][[1, 0, 2]]])
    assert loss(features(steady), masks) < 0.5 * loss(features(swapped), masks)
    # Taken as two pictures, there is nothing wrong with the second.
    apart = masks[0][:, None]
    assert abs(loss(features(steady), apart) - loss(features(swapped), apart)) < 1e-5


def test_a_part_and_its_whole_are_alike() -> None:
    whole = torch.zeros(1, 1, 2, SIZE, SIZE, dtype=torch.bool)
    whole[:, :, 0, :, :32], whole[:, :, 1, :32, :32] = True, True
    same = codes(whole[:, :, :1])
    divided = same.clone()
    divided[:, 0, :32, :32], divided[:, 1, :32, :32] = 0, 1
    assert loss(features(same), whole) < loss(features(divided), whole)
