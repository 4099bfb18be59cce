"""The network as training uses it: batches of objects, other sizes, gradients."""

from dataclasses import replace

import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.memory import FrameMemory, MemoryRules, select
from model_server.models.sam2.network.prediction import FramePrediction, PromptTensors
from model_server.models.sam2.network.sam2 import Sam2
from tests.model_server.recipe_weights import recipe_network

MINI = PRESETS["mini"]


def make_clip(network: Sam2, num_objects: int, size: int = 256) -> tuple[FramePrediction, FramePrediction]:
    """A prompted frame and a tracked one of `num_objects` objects that share one image."""
    generator = torch.Generator().manual_seed(0)
    features = network.encode_image(torch.randn(1, 3, size, size, generator=generator))
    points = torch.rand(num_objects, 1, 2, generator=generator) * size
    prompts = PromptTensors(points, torch.ones(num_objects, 1, dtype=torch.long))
    prompted = network.decode(network.condition(features, None), features, prompts, multimask=True)
    memory = FrameMemory(
        network.encode_memory(features, prompted.logits, prompted.object_score, binarise=False), prompted.object_pointer
    )
    attended = select([0], [1], 2, "forward", MemoryRules()).attend({0: memory, 1: memory})
    conditioned = network.condition(features, attended)
    none = PromptTensors.none(num_objects, points.device)
    return prompted, network.decode(conditioned, features, none, multimask=True)


@torch.inference_mode()
def test_objects_of_a_batch_do_not_see_each_other() -> None:
    network = recipe_network(MINI)
    for together, alone in zip(make_clip(network, 3), make_clip(network, 1), strict=True):
        assert torch.allclose(together.candidates.masks[0], alone.candidates.masks[0], atol=5e-3)
        assert torch.allclose(together.object_pointer[0], alone.object_pointer[0], atol=1e-3)


@pytest.mark.parametrize("size", [128, 192, 320])
@torch.inference_mode()
def test_the_image_size_is_free(size: int) -> None:
    _, tracked = make_clip(recipe_network(replace(MINI, image_size=size)), 2, size)
    assert tracked.logits.shape == (2, 1, size // 4, size // 4)
    assert tracked.candidates.masks.isfinite().all()


def test_a_loss_on_a_tracked_frame_trains_every_part() -> None:
    network = recipe_network(MINI).train()
    _, tracked = make_clip(network, 2)
    candidates = tracked.candidates
    loss = candidates.masks.square().mean() + candidates.predicted_ious.mean() + candidates.object_score.mean()
    (loss + tracked.object_pointer.mean()).backward()
    untouched = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    # Unused by design; used by mask prompts only.
    assert untouched == {"no_mem_pos_enc", "mask_downsample.weight", "mask_downsample.bias"} | {
        name for name in untouched if name.startswith("sam_prompt_encoder.mask_downscaling")
    }


@torch.no_grad()
def test_a_kept_position_table_follows_the_weights_and_the_size() -> None:
    network, fresh = recipe_network(MINI), recipe_network(MINI)
    image = torch.randn(1, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    first = network.encode_image(image).stride16
    assert torch.equal(network.encode_image(image).stride16, first)
    network.encode_image(image[..., :192, :192])
    for each in (network, fresh):
        trunk = each.image_encoder.trunk
        trunk.get_parameter("pos_embed").add_(0.5)
    changed = network.encode_image(image).stride16
    assert not torch.equal(changed, first)
    assert torch.equal(changed, fresh.encode_image(image).stride16)


def test_tables_made_while_tracking_can_be_trained_with_later() -> None:
    network = recipe_network(replace(MINI, image_size=224))
    with torch.inference_mode():
        make_clip(network, 1, 224)
    make_clip(network, 1, 224)[1].candidates.masks.mean().backward()


@torch.inference_mode()
def test_an_absent_object_has_an_empty_mask_and_the_shared_pointer() -> None:
    overrides = {"sam_mask_decoder.pred_obj_score_head.layers.2.bias": -100.0}
    network = recipe_network(MINI, overrides)
    _, tracked = make_clip(network, 2)
    assert (tracked.logits == -1024).all()
    assert (tracked.object_pointer == network.no_obj_ptr).all()
