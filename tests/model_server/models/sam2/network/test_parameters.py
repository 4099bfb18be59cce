"""Every preset has exactly the released names and shapes, told by counts and a hash of the sorted list."""

import hashlib

import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2

TRUNKS = {"tiny": 26_849_472, "small": 33_947_328, "base_plus": 68_675_712, "large": 212_149_296}
NECKS = {"tiny": 369_664, "small": 369_664, "base_plus": 431_104, "large": 553_984}
EQUAL_IN_ALL_SIZES = {
    "memory_attention": 5_922_304,
    "memory_encoder": 1_384_608,
    "sam_prompt_encoder": 6_220,
    "sam_mask_decoder": 4_215_109,
}
EXPECTED = {
    "sam2.1_hiera_base_plus": (615, 80_850_178, "cb91dc362ff381d496437e7834f89f2f90d8da04c5e66c363ccce910769c0cea"),
    "sam2.1_hiera_large": (903, 224_446_642, "f6316e3383194e0404fd1d759dfc74961711d9b944af7083889035b84018c510"),
    "sam2.1_hiera_small": (519, 46_060_354, "e88ae71c90cc6b7719dfaa350ea42edcd18e827b8cdba42d83968bff1b8dd8ab"),
    "sam2.1_hiera_tiny": (471, 38_962_498, "5c5a4994c463a25942b1b8ca53443e5373d88574faa12b33aaf649843eaf7c15"),
    "sam2_hiera_base_plus": (612, 80_833_666, "dd762a0b1d9274b5f9215ecfc44e52e80b0d201762ec0332e8487dbc13ad0d93"),
    "sam2_hiera_large": (900, 224_430_130, "498530591505b5a55765b9c49aacf0baee47c8daccb3fa60a3a403e8c1f57297"),
    "sam2_hiera_small": (516, 46_043_842, "6b7bbd2745d190f74baa76297f11252669285198bc908f3ffb8522c76832e245"),
    "sam2_hiera_tiny": (468, 38_945_986, "9fcaca97e3fe6da44189f17ee62c36f008c86d53d5cca5e489b2c5a200cd74c4"),
    "mini": (371, 2_365_602, "dd11df03b0773d459477845331f50300bc7de94944151047fbce8ad524e512e7"),
    "mini-2.0": (368, 2_364_546, "230ab1ea1cccde8cf35b45a8a037279b9257fa59725f90ab852e8b7a52daa02b"),
}
"""Preset: entries of the state dict, trained parameters, SHA-256 of its sorted `name: shape` lines."""


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Sam2:
    with torch.device("meta"):
        return Sam2(PRESETS[request.param])


def manifest_hash(network: Sam2) -> str:
    lines = sorted(f"{name}: {list(value.shape)}" for name, value in network.state_dict().items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("network", EXPECTED, indirect=True)
def test_a_preset_has_the_released_names_and_shapes(network: Sam2) -> None:
    entries, parameters, digest = EXPECTED[network.config.name]
    assert len(network.state_dict()) == entries
    assert count(network) == parameters
    assert manifest_hash(network) == digest


@pytest.mark.parametrize("network", [name for name in EXPECTED if "hiera" in name], indirect=True)
def test_every_part_of_a_released_preset_has_its_published_size(network: Sam2) -> None:
    size = network.config.name.partition("hiera_")[2]
    assert count(network.image_encoder.trunk) == TRUNKS[size]
    assert count(network.image_encoder.neck) == NECKS[size]
    for part, parameters in EQUAL_IN_ALL_SIZES.items():
        assert count(network.get_submodule(part)) == parameters


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
