"""What benches report of the machine and of the work."""

import torch

from tests.bench import machine
from tests.bench.noise_clip import NoiseClip


def test_operations_are_those_of_the_matrix_products():
    left, right = torch.ones(8, 16), torch.ones(16, 4)
    assert machine.operations(lambda: torch.relu(left @ right)) == 2 * 8 * 16 * 4


def test_attention_counts_with_its_two_products():
    heads = torch.ones(1, 2, 32, 8)
    count = machine.operations(lambda: torch.nn.functional.scaled_dot_product_attention(heads, heads, heads))
    assert count == 2 * (2 * 2 * 32 * 32 * 8)


def test_the_machine_is_described_with_versions():
    assert f"torch {torch.__version__}" in machine.describe(torch.device("cpu"))
    assert machine.peak_rss_bytes() > 2**20


def test_the_clip_drifts_and_its_clicks_lie_in_the_video():
    clip = NoiseClip(64, 4)
    assert (clip.rgb(0) != clip.rgb(1)).any()
    assert all(0 < click.x < clip.width and 0 < click.y < clip.height for click in clip.clicks(8))
