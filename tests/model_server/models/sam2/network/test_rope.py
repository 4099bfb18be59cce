"""Rotary position codes: both ways of computing them, and what they are for."""

import pytest
import torch

from model_server.models.sam2.network.rope import rotary_table, rotate

CPU = torch.device("cpu")


@pytest.mark.parametrize("num_grids", [1, 3])
def test_a_processor_gets_the_very_numbers_of_the_plain_formula(num_grids: int) -> None:
    table = rotary_table(4, 6, 32, CPU)
    tokens = torch.randn(2, num_grids * 24 + 5, 32)[:, : num_grids * 24]  # a view, as the split of keys is
    cosine, sine = table
    first, second = tokens.unflatten(1, (num_grids, 24)).unflatten(-1, (16, 2)).unbind(-1)
    turned = torch.stack([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
    assert torch.equal(rotate(tokens, table), turned.flatten(3).flatten(1, 2))


def test_half_precision_turns_by_the_same_angles() -> None:
    table = rotary_table(4, 6, 32, CPU)
    tokens = torch.randn(1, 24, 32)
    assert torch.allclose(rotate(tokens.bfloat16(), table).float(), rotate(tokens, table), atol=0.05)


def test_products_of_turned_tokens_depend_on_their_distance_alone() -> None:
    turned = rotate(torch.randn(1, 1, 32).expand(1, 25, 32).contiguous(), rotary_table(5, 5, 32, CPU))[0]
    products = (turned @ turned.T).unflatten(0, (5, 5)).unflatten(2, (5, 5))
    assert torch.allclose(products[0, 0, 1, 2], products[2, 1, 3, 3], atol=1e-4)


def test_gradients_pass() -> None:
    tokens = torch.randn(1, 24, 32, requires_grad=True)
    rotate(tokens, rotary_table(4, 6, 32, CPU)).square().sum().backward()
    assert tokens.grad is not None
    assert torch.allclose(tokens.grad, 2 * tokens, atol=1e-5)  # turning keeps lengths
