"""Hugging Face transformers' Sam2Video with a network of ours: the same weights, in its own classes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import Click
from tests.model_server.models.sam2.checkpoints.huggingface_names import to_huggingface


class TransformersPeer:
    """A session of theirs over frames that are already the network's input; all objects prompted on frame 0."""

    def __init__(self, network: Sam2, inputs: Tensor, video_size: tuple[int, int]) -> None:
        """`inputs` (T, 3, S, S) normalised, `video_size` (height, width)."""
        self.device = inputs.device
        self._input_size = inputs.shape[-1]
        self._video_size = video_size
        self._model = Sam2VideoModel(as_huggingface(network.config)).eval()
        self._model.load_state_dict(to_huggingface(network.state_dict()), strict=True)
        self._model.to(self.device)
        places = ("inference_device", "inference_state_device", "video_storage_device")
        self._session = Sam2VideoInferenceSession(
            inputs, *video_size, dtype=inputs.dtype, **dict.fromkeys(places, self.device)
        )

    def prompt(self, clicks: Sequence[Click]) -> tuple[Tensor, Tensor]:
        """One click for each object: low-resolution logits (B, h, w) and masks (B, H, W)."""
        height, width = self._video_size
        for object_id, click in enumerate(clicks):
            index = self._session.obj_id_to_idx(object_id)
            xy = torch.tensor([click.x / width, click.y / height]) * self._input_size
            label = torch.tensor([[[int(click.positive)]]], dtype=torch.int32)
            self._session.add_point_inputs(index, 0, {"point_coords": xy[None, None, None], "point_labels": label})
        self._session.obj_with_new_inputs = list(range(len(clicks)))
        return self.track(0)

    def track(self, frame_index: int) -> tuple[Tensor, Tensor]:
        """As `prompt`, of the next frame."""
        logits = self._model(self._session, frame_idx=frame_index).pred_masks.float()
        masks = F.interpolate(logits, size=self._video_size, mode="bilinear") > 0
        return logits[:, 0], masks[:, 0].cpu()


def as_huggingface(config: Sam2Config) -> Sam2VideoConfig:
    """Their description of one of the released networks, at any input size."""
    size = config.image_size
    widths = [config.embed_dim << stage for stage in range(4)]
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": config.embed_dim,
        "num_attention_heads": config.num_heads,
        "image_size": [size, size],
        "blocks_per_stage": list(config.stages),
        "embed_dim_per_stage": widths,
        "num_attention_heads_per_stage": [config.num_heads << stage for stage in range(4)],
        "window_size_per_stage": list(config.window_sizes),
        "global_attention_blocks": list(config.global_attention_blocks),
        "window_positional_embedding_background_size": list(config.background_grid),
    }
    vision = {
        "model_type": "sam2_vision_model",
        "backbone_config": backbone,
        "backbone_channel_list": widths[::-1],
        "backbone_feature_sizes": [[size // stride, size // stride] for stride in (4, 8, 16)],
    }
    return Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config={"image_size": size},
        image_size=size,
        memory_attention_rope_feat_sizes=[size // 16, size // 16],
        enable_occlusion_spatial_embedding=config.revision == "2.1",
        enable_temporal_pos_encoding_for_object_pointers=config.revision == "2.1",
    )
