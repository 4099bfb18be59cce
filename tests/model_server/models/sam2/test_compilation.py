"""The compiled image encoder: the same features, and nothing lost where there is no compiler."""

import logging
import shutil

import pytest
import torch
from torch import Tensor

from model_server.models.sam2.compilation import compile_encoder
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2

# The compiler is torch's own affair: it changes what it sets at will.
from torch._inductor import config as inductor  # isort: skip


def make_network() -> Sam2:
    torch.manual_seed(0)
    return Sam2(PRESETS["mini"]).eval()


def features(network: Sam2) -> tuple[Tensor, ...]:
    image = torch.randn(1, 3, *[network.config.image_size] * 2, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        found = network.encode_image(image.contiguous(memory_format=torch.channels_last))
    return found.stride16, found.stride8, found.stride4


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a processor")
@pytest.mark.slow
def test_a_compiled_encoder_gives_the_same_features() -> None:
    network = make_network()
    before = features(network)
    assert compile_encoder(network, None)
    for seen, expected in zip(features(network), before, strict=True):
        torch.testing.assert_close(seen, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_without_a_compiler_the_encoder_stays_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    network = make_network()
    before, encoder = features(network), network.image_encoder
    torch._dynamo.reset()
    no_compiler = inductor.patch({"cpp.cxx": ("no-such-compiler",), "force_disable_caches": True})
    with no_compiler, caplog.at_level(logging.WARNING):
        assert not compile_encoder(network, None)
    assert network.image_encoder is encoder
    assert "not compiled" in caplog.text
    for seen, expected in zip(features(network), before, strict=True):
        assert torch.equal(seen, expected)


def test_whatever_the_compiler_raises_the_encoder_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    network = make_network()
    encoder = network.image_encoder

    def broken(*_arguments: object) -> None:
        raise torch.jit.Error("this compiler is broken")

    monkeypatch.setattr(torch, "compile", lambda *_arguments, **_options: broken)
    with caplog.at_level(logging.WARNING):
        assert not compile_encoder(network, None)
    assert network.image_encoder is encoder
    assert "not compiled: this compiler is broken" in caplog.text
