"""Memory attention scored as what carries masks from the memory to the frame."""

import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.memory_attention import RotaryAttention
from model_server.models.sam2.network.rope import rotary_table
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.objectives.label_propagation import attention_calls, attention_weights, propagation_loss
from model_server.training.objectives.losses import HALF_BALANCED
from model_server.training.prompts import PromptPlan
from model_server.training.rollout import Annotator
from model_server.training.start.initialisation import initialise

GRID, CHANNELS = 4, 8
TABLE = rotary_table(GRID, GRID, CHANNELS, torch.device("cpu"))


def attention_in_place(strength: float) -> RotaryAttention:
    """Looks at the same place of the memory, the more the stronger."""
    torch.manual_seed(0)
    module = RotaryAttention(CHANNELS, CHANNELS, 0.0)
    for projection in (module.q_proj, module.k_proj):
        torch.nn.init.zeros_(projection.weight)
        torch.nn.init.constant_(projection.bias, strength)
    return module


def masks(top: int) -> torch.Tensor:
    """(1, 64, 64) with two rows of cells from `top` on."""
    mask = torch.zeros(1, 16 * GRID, 16 * GRID, dtype=torch.bool)
    mask[:, 16 * top : 16 * (top + 2)] = True
    return mask


def loss_of(module: RotaryAttention, remembered: torch.Tensor, truth: torch.Tensor) -> float:
    tokens = torch.zeros(1, GRID * GRID * remembered.shape[1] + 3, CHANNELS)  # three pointers come last
    call = (tokens[:, : GRID * GRID], tokens, tokens, TABLE, 3)
    return propagation_loss([(module, call)], remembered, truth, HALF_BALANCED).item()


def test_attention_that_stays_in_place_carries_a_still_mask_over_and_a_moved_one_not() -> None:
    sharp, flat = attention_in_place(20.0), attention_in_place(0.0)
    still = torch.stack([masks(1), masks(1)], dim=1)
    assert loss_of(sharp, still, masks(1)) < 0.1
    assert loss_of(sharp, still, masks(1)) < loss_of(flat, still, masks(1)) / 5
    assert loss_of(sharp, still, masks(0)) > loss_of(flat, still, masks(0))


def test_an_object_that_is_away_in_the_memory_or_the_frame_is_not_scored() -> None:
    nothing = torch.zeros_like(masks(0))
    for remembered, truth in ((nothing, masks(0)), (masks(0), nothing)):
        assert loss_of(attention_in_place(1.0), remembered[:, None], truth) == 0


def test_shares_of_attention_add_up_to_one() -> None:
    torch.manual_seed(0)
    module = RotaryAttention(CHANNELS, 4, 0.0)
    weights = attention_weights(module, torch.randn(1, 16, CHANNELS), torch.randn(2, 32, 4), TABLE)
    assert weights.shape == (2, 16, 32)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 16))


def test_the_weights_are_those_the_network_attends_with() -> None:
    torch.manual_seed(0)
    module = RotaryAttention(CHANNELS, 4, 0.0)
    query, key = torch.randn(2, 16, CHANNELS), torch.randn(2, 32, 4)
    expected = module(query, key, key, TABLE)
    attended = attention_weights(module, query, key, TABLE) @ module.v_proj(key)
    torch.testing.assert_close(module.out_proj(attended), expected)


def test_only_the_watched_frame_is_scored_and_the_memory_encoder_learns_from_it() -> None:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"])
    initialise(network)
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(1, 4, 2, 64))
    plan = PromptPlan("mask", (0,), (), 0)
    assert not play(network, batch, plan, None).propagation_losses
    assert not play(network, batch, plan, 0).propagation_losses  # a prompted frame attends to nothing
    (loss,) = play(network, batch, plan, 2).propagation_losses
    loss.backward()
    moved = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert any(name.startswith("memory_encoder.mask_downsampler") for name in moved)
    assert "memory_attention.layers.1.cross_attn_image.q_proj.weight" in moved


def play(network: Sam2, batch: object, plan: PromptPlan, watched: int | None) -> Annotator:
    annotator = Annotator(network, batch, plan, seed=0, watched_frame=watched)  # type: ignore[arg-type]
    annotator.play()
    return annotator


def test_nothing_is_noted_once_the_watch_is_over() -> None:
    network = Sam2(PRESETS["mini"])
    with attention_calls(network.memory_attention) as calls:
        pass
    assert all(not layer.cross_attn_image._forward_pre_hooks for layer in network.memory_attention.layers)
    assert calls == []
