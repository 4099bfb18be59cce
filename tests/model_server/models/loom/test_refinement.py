"""A network that refines by adding keeps the mask it is given where clicks say nothing."""

import torch

from model_server.models.loom.network import Loom
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.prediction import ImageFeatures, PromptTensors
from model_server.models.sam2.network.prompt_encoder import POSITIVE
from model_server.models.sam2.network.sam2 import Sam2
from tests.model_server.models.loom.small_model import small_config
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network

CONFIG = small_config(refines_by_adding=True)
SHARE = {"refined_share.weight": 0.0, "refined_share.bias": 1.0}


def decoded(network: Sam2, previous: torch.Tensor | None) -> torch.Tensor:
    """The four masks that one click gets."""
    torch.manual_seed(0)
    features = ImageFeatures(torch.randn(1, 64, 4, 4), torch.randn(1, 16, 8, 8), torch.randn(1, 8, 16, 16))
    prompts = PromptTensors(torch.full((1, 1, 2), 30.0), torch.full((1, 1), POSITIVE), previous)
    with torch.inference_mode():
        return network.decode(network.condition(features, None), features, prompts, multimask=True).candidates.masks


def without(network: Sam2) -> Sam2:
    """The same weights in a network that says the whole mask anew."""
    plain = Sam2(PRESETS["mini"]).eval()
    plain.load_state_dict({name: x for name, x in network.state_dict().items() if "refined_share" not in name})
    return plain


def test_the_mask_to_refine_is_added_to_what_the_decoder_says_by_a_learned_share() -> None:
    previous = 8 * torch.randn(1, 1, 16, 16)
    network = recipe_network(CONFIG, {**MINI_OVERRIDES, **SHARE})
    said = decoded(without(network), previous)
    torch.testing.assert_close(decoded(network, previous), said + previous)
    assert isinstance(network, Loom)
    torch.nn.init.constant_(network.refined_share.bias, 0.25)
    torch.testing.assert_close(decoded(network, previous), said + previous / 4)


def test_without_a_mask_to_refine_nothing_is_added() -> None:
    network = recipe_network(CONFIG, {**MINI_OVERRIDES, **SHARE})
    assert torch.equal(decoded(network, None), decoded(without(network), None))


def test_a_mask_of_another_size_is_added_at_the_masks_own() -> None:
    network = recipe_network(CONFIG, {**MINI_OVERRIDES, **SHARE})
    previous = torch.full((1, 1, 64, 64), 3.0)
    torch.testing.assert_close(decoded(network, previous), decoded(without(network), previous) + 3)
