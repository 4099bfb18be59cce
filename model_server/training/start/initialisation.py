"""Initialises a network that is trained from scratch. Ours.

The released networks start from a pretrained trunk and train for weeks. From a plain random initialisation, a short
training does not even learn what a click means: masks become empty, or cover everything, for thousands of steps. So the
decoder is initialised as a crude but working segmenter, "what looks like the clicked cell and lies near it":
- all projections of an attention share one orthonormal matrix: a click attends to its own position (the dot product of
  two Fourier codes falls with their distance) and collects the feature there, and the image attends to the click where
  position and feature agree;
- one direction of the token space, the flag, is carried by positive points, with the other sign by negative ones;
  it passes to the image by that attention, and upscaling and hypernetworks start by reading it out;
- rotary attention starts with equal constant queries and keys, so that a cell first attends to the same cell of the
  memory.
All weights are trained from the first step on.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model_server.models.sam2.network.memory_attention import MemoryAttention, MemoryAttentionLayer, RotaryAttention
from model_server.models.sam2.network.mlp import Mlp
from model_server.models.sam2.network.prompt_encoder import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT, NEGATIVE, POSITIVE
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.network.two_way_transformer import Attention, TwoWayLayer, TwoWayTransformer

CROSS_ATTENTION_GAIN = 2.0
SELF_ATTENTION_GAIN = 1.5
POINT_DEVIATION = 0.3
ROTARY_BIAS = 1.5  # with less, a grid of 8 to 16 cells spans too little of the rotary table
RESIDUAL_GAIN = 0.1
TRAINED_DEVIATION = 0.55
FEATURE_DEVIATION = 0.12  # small compared with the position codes, since random features hide the click
HYPER_GAIN = 0.1
FLAG_STRENGTH = 6.0
READ_CHANNELS, READ_GAIN, READ_OUT, THRESHOLD = 4, 1.0, 0.3, 1.0


@torch.no_grad()
def initialise(network: Sam2) -> None:
    """Overwrite the weights of a fresh network with the initialisation described above."""
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
    for table in (trunk.pos_embed, trunk.pos_embed_window):
        assert isinstance(table, nn.Parameter)
        nn.init.trunc_normal_(table, std=0.02)
    flag = _start_local(network.sam_mask_decoder.transformer)
    _start_flags(network, flag)
    _start_in_place(network.memory_attention)


@torch.no_grad()
def standardise(network: Sam2, frames: Tensor) -> None:
    """Centre and scale the output of the neck on (B, 3, S, S) normalised frames.

    A fresh trunk returns nearly the same vector everywhere (max-pooling accumulates a mean), which would mask the
    differences between cells that the decoder has to see.
    """
    encoder, decoder = network.image_encoder, network.sam_mask_decoder
    stages = encoder.trunk(frames)
    for lateral, stage in zip(encoder.neck.convs, reversed(stages), strict=True):
        _standardise_convolution(lateral.conv, stage)  # type: ignore[union-attr, arg-type]
    flag = _flag(decoder.transformer)
    for lateral in encoder.neck.convs[:2]:  # strides 32 and 16, which the decoder's image tokens are made of
        for parameter in (lateral.conv.weight, lateral.conv.bias):  # type: ignore[union-attr]
            parameter -= torch.tensordot(flag[:, None], torch.tensordot(flag, parameter, dims=1)[None], dims=1)  # type: ignore[operator, arg-type]
    stride4, stride8, _ = encoder(frames)
    _standardise_convolution(decoder.conv_s1, stride8)
    _standardise_convolution(decoder.conv_s0, stride4)


@torch.no_grad()
def rescale(network: Sam2, frames: Tensor) -> None:
    """Scale the features of a trained encoder to zero mean and TRAINED_DEVIATION, keeping the ratios of channels.

    Training on cosines leaves their scale undetermined, and the decoder is trained on features of this scale.
    """
    encoder, decoder = network.image_encoder, network.sam_mask_decoder
    stride32, stride16 = (lateral.conv for lateral in encoder.neck.convs[:2])  # type: ignore[union-attr]
    features = encoder(frames)[2]
    gain = TRAINED_DEVIATION / features.std(dim=(0, 2, 3)).mean()
    for convolution in (stride32, stride16):
        convolution.weight *= gain  # type: ignore[operator]
        convolution.bias *= gain  # type: ignore[operator]
    stride16.bias -= features.mean(dim=(0, 2, 3)) * gain  # type: ignore[operator]
    fine4, fine8, _ = encoder(frames)
    for convolution, source in ((decoder.conv_s1, fine8), (decoder.conv_s0, fine4)):
        output = convolution(source)
        gain = TRAINED_DEVIATION / output.std(dim=(0, 2, 3)).mean()
        assert convolution.bias is not None
        convolution.weight *= gain
        convolution.bias.copy_((convolution.bias - output.mean(dim=(0, 2, 3))) * gain)


def _standardise_convolution(convolution: nn.Conv2d, source: Tensor) -> None:
    output = convolution(source)
    deviation = output.std(dim=(0, 2, 3)) / FEATURE_DEVIATION
    convolution.weight /= deviation[:, None, None, None]
    assert convolution.bias is not None
    convolution.bias.copy_(-output.mean(dim=(0, 2, 3)) / deviation)


def _start_local(transformer: TwoWayTransformer) -> Tensor:
    """Align all attentions of the decoder; returns the flag (C,), a unit vector that every head passes through."""
    crossing = transformer.final_attn_token_to_image
    inner, d_model = crossing.q_proj.weight.shape
    shared = nn.init.orthogonal_(torch.empty(inner, d_model))
    _align(crossing, shared, gain=CROSS_ATTENTION_GAIN)
    for layer in transformer.layers:
        assert isinstance(layer, TwoWayLayer)
        _align(layer.cross_attn_token_to_image, shared, gain=CROSS_ATTENTION_GAIN)
        _align(layer.cross_attn_image_to_token, shared, gain=CROSS_ATTENTION_GAIN)
        _align(layer.self_attn, nn.init.orthogonal_(torch.empty(d_model, d_model)), gain=SELF_ATTENTION_GAIN)
        layer.mlp.layers[-1].weight *= 0.1  # type: ignore[operator]
    return _flag(transformer)


def _flag(transformer: TwoWayTransformer) -> Tensor:
    """The direction (C,) of token space that every head of an aligned transformer passes through."""
    attention = transformer.final_attn_token_to_image
    rows = attention.v_proj.weight[:: attention.v_proj.out_features // attention.num_heads]
    return rows.sum(dim=0) / len(rows) ** 0.5


def _align(attention: Attention, projection: Tensor, *, gain: float) -> None:
    """Make like attend to like and pass it through: queries, keys, values and output share one projection."""
    attention.q_proj.weight.copy_(projection * gain)
    attention.k_proj.weight.copy_(projection * gain)
    attention.v_proj.weight.copy_(projection)
    attention.out_proj.weight.copy_(projection.T)


def _start_flags(network: Sam2, flag: Tensor) -> None:
    """Let points set the flag and masks be read from it."""
    prompts, decoder = network.sam_prompt_encoder, network.sam_mask_decoder
    for embedding in (*prompts.point_embeddings, prompts.no_mask_embed):
        assert isinstance(embedding, nn.Embedding)
        nn.init.normal_(embedding.weight, std=POINT_DEVIATION)
    signs = {POSITIVE: 1.0, NEGATIVE: -1.0, BOX_TOP_LEFT: 1.0, BOX_BOTTOM_RIGHT: 1.0}
    for label, sign in signs.items():
        prompts.point_embeddings[label].weight += sign * FLAG_STRENGTH * flag  # type: ignore[operator]
    for token in (decoder.mask_tokens, decoder.iou_token, decoder.obj_score_token, prompts.not_a_point_embed):
        token.weight -= (token.weight @ flag)[:, None] * flag
    to_stride8, _, _, to_stride4, _ = decoder.output_upscaling
    assert isinstance(to_stride8, nn.ConvTranspose2d)
    assert isinstance(to_stride4, nn.ConvTranspose2d)
    n = READ_CHANNELS
    to_stride8.weight[:, :n] += READ_GAIN * flag[:, None, None, None]
    to_stride8.weight[:, n : 2 * n] -= READ_GAIN * flag[:, None, None, None]
    to_stride4.weight[:n, :n] += READ_GAIN
    to_stride4.weight[n : 2 * n, :n] -= READ_GAIN
    assert to_stride4.bias is not None
    to_stride4.bias[n : 2 * n] = 1.0  # a constant that the hypernetworks can turn into a threshold
    for hypernetwork in decoder.output_hypernetworks_mlps:
        assert isinstance(hypernetwork, Mlp)
        last = hypernetwork.layers[-1]
        assert isinstance(last, nn.Linear)
        last.weight *= HYPER_GAIN
        last.bias[:n] = READ_OUT
        last.bias[n : 2 * n] = -THRESHOLD


def _start_in_place(attention: MemoryAttention) -> None:
    """Pass the frame through nearly unchanged, plus the memory of the same cell."""
    for module in attention.modules():
        if isinstance(module, RotaryAttention):
            nn.init.constant_(module.q_proj.bias, ROTARY_BIAS)
            nn.init.constant_(module.k_proj.bias, ROTARY_BIAS)
    for layer in attention.layers:
        assert isinstance(layer, MemoryAttentionLayer)
        layer.self_attn.out_proj.weight *= RESIDUAL_GAIN
        layer.linear2.weight *= RESIDUAL_GAIN
    # The decoder should see the same scale with and without memory.
    nn.init.constant_(attention.norm.weight, TRAINED_DEVIATION)
