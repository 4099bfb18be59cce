"""How a network starts when it is trained from nothing.

The released networks inherit a pre-trained trunk and train for weeks. From a plain random start a short training
never finds out what a click is for: the masks go empty and stay so. Three priors break that plateau:
- queries and keys of the decoder's attentions start equal, so that a click attends to where it was put (the dot
  product of two Fourier codes falls with their distance), and the image to the click on it;
- values pass through unchanged: the decoder's first self-attention has no residual, and random weights there would
  make all tokens equal, so that nothing the image attends to would tell it where the click is;
- rotary attention starts with equal constant queries and keys, so that a place first looks at the same place of
  the memory.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model_server.models.sam2.network.memory_attention import MemoryAttention, RotaryAttention
from model_server.models.sam2.network.mlp import Mlp
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.network.two_way_transformer import Attention, TwoWayLayer, TwoWayTransformer

CROSS_ATTENTION_GAIN = 2.0
POINT_DEVIATION = 0.3
ROTARY_BIAS = 0.6
FEATURE_DEVIATION = 0.5


@torch.no_grad()
def initialise(network: Sam2) -> None:
    """Overwrite a fresh network's weights with the start described above."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is not None:
            # A 2 x 2 deconvolution of stride 2 sums over its input channels only.
            taps = 1 if isinstance(module, nn.ConvTranspose2d) else module.kernel_size[0] * module.kernel_size[1]
            nn.init.normal_(module.weight, std=(module.in_channels // module.groups * taps) ** -0.5)
            nn.init.zeros_(module.bias)
    for module in network.modules():
        if isinstance(module, Mlp):
            for layer in module.layers[:-1]:
                assert isinstance(layer, nn.Linear)
                nn.init.kaiming_normal_(layer.weight)
    trunk = network.image_encoder.trunk
    nn.init.trunc_normal_(trunk.pos_embed, std=0.02)
    nn.init.trunc_normal_(trunk.pos_embed_window, std=0.02)
    prompts = network.sam_prompt_encoder
    for embedding in (*prompts.point_embeddings, prompts.not_a_point_embed, prompts.no_mask_embed):
        nn.init.normal_(embedding.weight, std=POINT_DEVIATION)
    _start_local(network.sam_mask_decoder.transformer)
    _start_in_place(network.memory_attention)


@torch.no_grad()
def standardise(network: Sam2, frames: Tensor) -> None:
    """Centre and scale what the neck gives on (B, 3, S, S) normalised frames.

    A fresh trunk gives nearly the same vector everywhere (max-pooling piles up a mean), which would drown the
    differences between places that the decoder has to see.
    """
    encoder, decoder = network.image_encoder, network.sam_mask_decoder
    stages = encoder.trunk(frames)
    for lateral, stage in zip(encoder.neck.convs, reversed(stages), strict=True):
        _standardise_convolution(lateral.conv, stage)  # type: ignore[union-attr, arg-type]
    stride4, stride8, _ = encoder(frames)
    _standardise_convolution(decoder.conv_s1, stride8)
    _standardise_convolution(decoder.conv_s0, stride4)


def _standardise_convolution(convolution: nn.Conv2d, source: Tensor) -> None:
    output = convolution(source)
    deviation = output.std(dim=(0, 2, 3)) / FEATURE_DEVIATION
    convolution.weight /= deviation[:, None, None, None]
    assert convolution.bias is not None
    convolution.bias.copy_(-output.mean(dim=(0, 2, 3)) / deviation)


def _start_local(transformer: TwoWayTransformer) -> None:
    crossing = [transformer.final_attn_token_to_image]
    for layer in transformer.layers:
        assert isinstance(layer, TwoWayLayer)
        crossing += [layer.cross_attn_token_to_image, layer.cross_attn_image_to_token]
        _align(layer.self_attn, gain=1.0)
    for attention in crossing:
        _align(attention, gain=CROSS_ATTENTION_GAIN)


def _align(attention: Attention, *, gain: float) -> None:
    """Equal tokens attend to each other and pass themselves on."""
    nn.init.orthogonal_(attention.q_proj.weight, gain=gain)
    attention.k_proj.weight.copy_(attention.q_proj.weight)
    nn.init.orthogonal_(attention.v_proj.weight)
    attention.out_proj.weight.copy_(attention.v_proj.weight.T)


def _start_in_place(attention: MemoryAttention) -> None:
    for module in attention.modules():
        if isinstance(module, RotaryAttention):
            nn.init.constant_(module.q_proj.bias, ROTARY_BIAS)
            nn.init.constant_(module.k_proj.bias, ROTARY_BIAS)
