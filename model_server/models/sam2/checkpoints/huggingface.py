"""Converts the tensor names of Hugging Face transformers (`Sam2VideoModel`) to the released ones."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from model_server.models.problems import Corrupt

_HEAD = (
    r"(mask_decoder\.(?:output_hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head)|object_pointer_proj)"
)
_POSITIONS = "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
_POINT_KINDS = "sam_prompt_encoder.point_embed.weight"

_RENAMES: tuple[tuple[str, str], ...] = (
    (r"^vision_encoder\.backbone\.patch_embed\.projection\.", "image_encoder.trunk.patch_embed.proj."),
    (r"^vision_encoder\.backbone\.", "image_encoder.trunk."),
    (r"^vision_encoder\.neck\.convs\.(\d+)\.", r"image_encoder.neck.convs.\1.conv."),
    (rf"^{_HEAD}\.layers\.0\.", r"\1.layers.1."),
    (rf"^{_HEAD}\.proj_in\.", r"\1.layers.0."),
    (rf"^{_HEAD}\.proj_out\.", r"\1.layers.2."),
    (r"\.mlp\.proj_in\.", ".mlp.layers.0."),
    (r"\.mlp\.proj_out\.", ".mlp.layers.1."),
    (r"\.o_proj\.", ".out_proj."),
    (r"^mask_decoder\.upscale_conv1\.", "mask_decoder.output_upscaling.0."),
    (r"^mask_decoder\.upscale_layer_norm\.", "mask_decoder.output_upscaling.1."),
    (r"^mask_decoder\.upscale_conv2\.", "mask_decoder.output_upscaling.3."),
    (r"^mask_decoder\.", "sam_mask_decoder."),
    (r"^prompt_encoder\.mask_embed\.conv1\.", "prompt_encoder.mask_downscaling.0."),
    (r"^prompt_encoder\.mask_embed\.layer_norm1\.", "prompt_encoder.mask_downscaling.1."),
    (r"^prompt_encoder\.mask_embed\.conv2\.", "prompt_encoder.mask_downscaling.3."),
    (r"^prompt_encoder\.mask_embed\.layer_norm2\.", "prompt_encoder.mask_downscaling.4."),
    (r"^prompt_encoder\.mask_embed\.conv3\.", "prompt_encoder.mask_downscaling.6."),
    (r"^(?:prompt_encoder\.shared_embedding|shared_image_embedding)\.positional_embedding$", _POSITIONS),
    (r"^prompt_encoder\.", "sam_prompt_encoder."),
    (r"^memory_encoder\.feature_projection\.", "memory_encoder.pix_feat_proj."),
    (r"^memory_encoder\.projection\.", "memory_encoder.out_proj."),
    (r"^memory_encoder\.memory_fuser\.", "memory_encoder.fuser."),
    (r"\.depthwise_conv\.", ".dwconv."),
    (r"\.pointwise_conv([12])\.", r".pwconv\1."),
    (r"^(memory_encoder\.fuser\.layers\.\d+)\.scale$", r"\1.gamma"),
    (r"\.layer_norm", ".norm"),
    (r"^object_pointer_proj\.", "obj_ptr_proj."),
    (r"^temporal_positional_encoding_projection_layer\.", "obj_ptr_tpos_proj."),
    (r"^memory_temporal_positional_encoding$", "maskmem_tpos_enc"),
    (r"^no_memory_embedding$", "no_mem_embed"),
    (r"^no_memory_positional_encoding$", "no_mem_pos_enc"),
    (r"^no_object_pointer$", "no_obj_ptr"),
    (r"^occlusion_spatial_embedding_parameter$", "no_obj_embed_spatial"),
)
_DOWNSAMPLER = re.compile(r"^memory_encoder\.mask_downsampler\.layers\.(\d+)\.(conv|norm)\.")
_DOWNSAMPLER_END = "memory_encoder.mask_downsampler.final_conv."


def is_huggingface(names: set[str]) -> bool:
    """Whether the names of the tensors are those of transformers."""
    return any(name.startswith("vision_encoder.") for name in names)


def to_released(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under the released names; unknown names are kept. Raises Corrupt when duplicates differ.

    The random matrix of positions may occur twice, and the four point embeddings are rows of one table.
    """
    released: dict[str, Tensor] = {}
    for name, value in tensors.items():
        new_name = _renamed(name)
        if new_name in released and not torch.equal(released[new_name], value):
            raise Corrupt(f"the file has two different tensors for {new_name}")
        released[new_name] = value
    kinds = released.pop(_POINT_KINDS, None)
    if kinds is not None:
        released |= {f"sam_prompt_encoder.point_embeddings.{row}.weight": kinds[row][None] for row in range(len(kinds))}
    # The last convolution follows all (convolution, norm, activation) triples.
    steps = {int(match[1]) for match in map(_DOWNSAMPLER.match, released) if match}
    return {_downsampler_name(name, len(steps)): value for name, value in released.items()}


def _renamed(name: str) -> str:
    for pattern, replacement in _RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _downsampler_name(name: str, num_steps: int) -> str:
    match = _DOWNSAMPLER.match(name)
    if match:
        slot = 3 * int(match[1]) + (match[2] == "norm")
        return f"memory_encoder.mask_downsampler.encoder.{slot}.{name[match.end() :]}"
    return name.replace(_DOWNSAMPLER_END, f"memory_encoder.mask_downsampler.encoder.{3 * num_steps}.")
