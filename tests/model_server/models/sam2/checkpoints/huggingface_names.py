"""The released names as transformers' `Sam2VideoModel` has them: the way back, written independently of the product."""

import re

import torch
from torch import Tensor

_PARTS = {
    "image_encoder.trunk.patch_embed.proj.": "vision_encoder.backbone.patch_embed.projection.",
    "image_encoder.trunk.": "vision_encoder.backbone.",
    "sam_prompt_encoder.mask_downscaling.0.": "prompt_encoder.mask_embed.conv1.",
    "sam_prompt_encoder.mask_downscaling.1.": "prompt_encoder.mask_embed.layer_norm1.",
    "sam_prompt_encoder.mask_downscaling.3.": "prompt_encoder.mask_embed.conv2.",
    "sam_prompt_encoder.mask_downscaling.4.": "prompt_encoder.mask_embed.layer_norm2.",
    "sam_prompt_encoder.mask_downscaling.6.": "prompt_encoder.mask_embed.conv3.",
    "sam_prompt_encoder.": "prompt_encoder.",
    "sam_mask_decoder.output_upscaling.0.": "mask_decoder.upscale_conv1.",
    "sam_mask_decoder.output_upscaling.1.": "mask_decoder.upscale_layer_norm.",
    "sam_mask_decoder.output_upscaling.3.": "mask_decoder.upscale_conv2.",
    "sam_mask_decoder.": "mask_decoder.",
    "memory_encoder.pix_feat_proj.": "memory_encoder.feature_projection.",
    "memory_encoder.out_proj.": "memory_encoder.projection.",
    "memory_encoder.fuser.": "memory_encoder.memory_fuser.",
    "obj_ptr_proj.": "object_pointer_proj.",
    "obj_ptr_tpos_proj.": "temporal_positional_encoding_projection_layer.",
    "maskmem_tpos_enc": "memory_temporal_positional_encoding",
    "no_mem_embed": "no_memory_embedding",
    "no_mem_pos_enc": "no_memory_positional_encoding",
    "no_obj_ptr": "no_object_pointer",
    "no_obj_embed_spatial": "occlusion_spatial_embedding_parameter",
}
_THREE_LAYERS = ("iou_prediction_head", "pred_obj_score_head", "output_hypernetworks_mlps", "object_pointer_proj")


def to_huggingface(released: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every tensor of a released state dict under its name in transformers."""
    points = [released[f"sam_prompt_encoder.point_embeddings.{kind}.weight"] for kind in range(4)]
    positions = released["sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"]
    renamed = {
        "prompt_encoder.point_embed.weight": torch.cat(points),
        "prompt_encoder.shared_embedding.positional_embedding": positions,
        "shared_image_embedding.positional_embedding": positions.clone(),
    }
    for name, value in released.items():
        if "point_embeddings" not in name and "pe_layer" not in name:
            renamed[_name(name)] = value
    return renamed


def _name(name: str) -> str:
    part = next((part for part in _PARTS if name.startswith(part)), "")
    name = _PARTS.get(part, "") + name.removeprefix(part)
    name = re.sub(r"^image_encoder\.neck\.convs\.(\d)\.conv", r"vision_encoder.neck.convs.\1", name)
    name = re.sub(r"\bnorm(\d?|_final_attn)\.", r"layer_norm\1.", name)
    if "memory_attention" in name or "transformer" in name:
        name = name.replace("out_proj", "o_proj")
    if any(head in name for head in _THREE_LAYERS):
        steps = {"0": "proj_in", "1": "layers.0", "2": "proj_out"}
        return re.sub(r"\.layers\.(\d)\.", lambda match: f".{steps[match[1]]}.", name)
    name = name.replace("mlp.layers.0", "mlp.proj_in").replace("mlp.layers.1", "mlp.proj_out")
    slot = re.match(r"memory_encoder\.mask_downsampler\.encoder\.(\d+)\.(\w+)", name)
    if slot:
        step, place = divmod(int(slot[1]), 3)
        if step == 4:
            return f"memory_encoder.mask_downsampler.final_conv.{slot[2]}"
        return f"memory_encoder.mask_downsampler.layers.{step}.{('conv', 'layer_norm')[place]}.{slot[2]}"
    name = re.sub(r"\.pwconv(\d)", r".pointwise_conv\1", name.replace(".dwconv", ".depthwise_conv"))
    return name.replace(".gamma", ".scale")
