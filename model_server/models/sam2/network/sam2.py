"""SAM 2 (Ravi et al. 2024, figure 3): every step between a frame, prompts, memories and masks, as tensors.

The network keeps no state and chooses no memories; sessions and training loops do. All methods are differentiable and
take B objects at once.

Shapes: B objects, S image size, h = w = S / 16 the feature grid, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.memory import AttendedMemory
from model_server.models.sam2.network.extension import AuxiliaryTask, TrackedPast
from model_server.models.sam2.network.feature_pyramid import FeaturePyramid, ImageEncoder
from model_server.models.sam2.network.hiera import Hiera
from model_server.models.sam2.network.mask_decoder import Candidates, MaskDecoder, as_tokens
from model_server.models.sam2.network.memory_attention import MemoryAttention
from model_server.models.sam2.network.memory_encoder import MemoryEncoder
from model_server.models.sam2.network.mlp import Mlp
from model_server.models.sam2.network.position_encoding import sine_positions, sine_times
from model_server.models.sam2.network.prediction import FramePrediction, ImageFeatures, PromptTensors, choose
from model_server.models.sam2.network.prompt_encoder import NOT_A_POINT, PromptEncoder

ABSENT_LOGIT = -1024.0
MASK_SCALE, MASK_BIAS = 20.0, -10.0
"""Map 0..1 to -10..10: the scale of probabilities that enter the memory, and of given masks as logits."""


class Sam2(nn.Module):
    """The network. Build it from a preset: `Sam2(PRESETS["sam2.1_hiera_tiny"])`."""

    def __init__(self, config: Sam2Config) -> None:
        super().__init__()
        self.config = config
        d_model, mem_dim = config.d_model, config.mem_dim
        stage_channels = [config.embed_dim << stage for stage in range(len(config.stages))]
        self.image_encoder = ImageEncoder(Hiera(config), FeaturePyramid(stage_channels, d_model))
        self.mask_downsample = nn.Conv2d(1, 1, kernel_size=4, stride=4)
        self.memory_attention = MemoryAttention(config)
        self.memory_encoder = MemoryEncoder(config)
        self.sam_prompt_encoder = PromptEncoder(d_model)
        self.sam_mask_decoder = MaskDecoder(config)
        self.obj_ptr_proj = Mlp((d_model, d_model, d_model, d_model))
        self.maskmem_tpos_enc = _table(config.memory_slots, 1, 1, mem_dim)
        self.no_mem_embed = _table(1, 1, d_model)
        self.no_mem_pos_enc = _table(1, 1, d_model)  # part of every released file, used by none
        self.no_obj_ptr = _table(1, d_model)
        self.add_parts()
        if config.revision == "2.1":
            self.no_obj_embed_spatial = _table(1, mem_dim)
            self.obj_ptr_tpos_proj = nn.Linear(d_model, mem_dim)

    def encode_image(self, image: Tensor) -> ImageFeatures:
        """(B, 3, S, S) normalised RGB -> features at three strides, the finer two projected for the mask decoder."""
        stride4, stride8, stride16 = self.image_encoder(image)
        decoder = self.sam_mask_decoder
        extra = self.extra_map((stride4, stride8, stride16))
        return ImageFeatures(stride16, decoder.conv_s1(stride8), decoder.conv_s0(stride4), extra)

    def condition(self, features: ImageFeatures, memory: AttendedMemory | None) -> Tensor:
        """Condition a frame on the memory: (B or 1, C, h, w) -> (B, C, h, w).

        With None, for a frame that starts from its prompt alone, a learned vector stands in for the memory.
        """
        frame = features.stride16
        if memory is None:
            return frame + self.no_mem_embed[..., None].transpose(1, 2)
        return self._attend(frame, *self._memory_tokens(memory, frame))

    def condition_together(self, features: ImageFeatures, memories: Sequence[AttendedMemory]) -> Tensor:
        """Condition one frame on the memories of B objects, each of batch 1: (1, C, h, w) -> (B, C, h, w).

        Objects with equally many memories share a pass, whatever the age of those memories. Nothing is padded.
        """
        rows_of_shape: dict[tuple[int, int], list[int]] = {}
        for row, memory in enumerate(memories):
            rows_of_shape.setdefault((len(memory.maps), len(memory.pointers)), []).append(row)
        conditioned: list[Tensor] = []
        for rows in rows_of_shape.values():
            parts = [self._memory_tokens(memories[row], features.stride16) for row in rows]
            tokens, codes = torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
            conditioned.append(self._attend(features.stride16, tokens, codes, parts[0][2]))
        order = [row for rows in rows_of_shape.values() for row in rows]
        together = torch.cat(conditioned)[torch.tensor(order).argsort()]
        # The same layout for any number of objects: the order of summation depends on it.
        return together.contiguous(memory_format=torch.channels_last)

    def _attend(self, frame: Tensor, tokens: Tensor, codes: Tensor, num_pointers: int) -> Tensor:
        frame_code = sine_positions(*frame.shape[-2:], frame.shape[1], frame.device).to(frame.dtype)
        return self.memory_attention(frame, frame_code, tokens, codes, num_pointers)

    def decode(
        self,
        frame: Tensor,
        features: ImageFeatures,
        prompts: PromptTensors,
        *,
        multimask: bool,
        stability_fallback: bool = False,
        candidate: int | None = None,
    ) -> FramePrediction:
        """Decode the masks of B objects from a conditioned frame (B or 1, C, h, w) and their prompts.

        `multimask` is normally `prompts.is_ambiguous`; `candidate`, 0 to 2, then overrides the network's own choice.
        `stability_fallback` (see `choose`) is for inference only.
        """
        candidates = self.refined(self._candidates(frame, features, prompts), prompts)
        mask_index, token_index = choose(candidates, multimask, stability_fallback, candidate)
        rows = torch.arange(len(mask_index), device=mask_index.device)
        visible = candidates.object_score > 0
        chosen = candidates.masks[rows, mask_index][:, None]
        return FramePrediction(
            logits=torch.where(visible[..., None, None], chosen, ABSENT_LOGIT),
            predicted_iou=candidates.predicted_ious[rows, mask_index],
            object_score=candidates.object_score,
            object_pointer=self.object_pointer(candidates.tokens[rows, token_index], visible),
            candidates=candidates,
            mask_index=mask_index,
            multimask=multimask,
        )

    def adopt_mask(self, features: ImageFeatures, mask: Tensor) -> FramePrediction:
        """Take a given mask (B, 1, S, S) of zeros and ones as the answer; the decoder only makes its object pointer.

        It sees the unconditioned features, without even the vector that stands for an empty memory.
        """
        prompts = replace(PromptTensors.none(len(mask), mask.device), mask_logits=self.mask_downsample(mask))
        candidates = self._candidates(features.stride16, features, prompts)
        present = mask.flatten(1).any(dim=1, keepdim=True)
        # Presence is applied twice: as predicted by the decoder, then as given by the mask.
        pointer = self.object_pointer(candidates.tokens[:, 0], candidates.object_score > 0)
        logits = mask * MASK_SCALE + MASK_BIAS
        return FramePrediction(
            logits=resize(logits, features.stride4.shape[-2:], antialias=True),
            predicted_iou=torch.ones_like(candidates.predicted_ious[:, 0]),
            object_score=present * MASK_SCALE + MASK_BIAS,
            object_pointer=torch.where(present, pointer, self.no_obj_ptr),
            candidates=candidates,
            mask_index=torch.zeros(len(mask), dtype=torch.long, device=mask.device),
        )

    def object_pointer(self, token: Tensor, visible: Tensor) -> Tensor:
        """(B, C) mask token and (B, 1) presence -> (B, C) pointer; absent objects share one learned pointer."""
        return torch.where(visible, self.obj_ptr_proj(token).float(), self.no_obj_ptr)

    def encode_memory(self, features: ImageFeatures, logits: Tensor, object_score: Tensor, *, binarise: bool) -> Tensor:
        """Unconditioned features, mask logits (B, 1, 4h, 4w) and object score (B, 1) -> (B, C_mem, h, w).

        `binarise` takes the mask as certain, for frames that a person prompted (inference only: it has no gradient).
        """
        logits = resize(logits, _scaled(features.stride16.shape[-2:], 16))
        mask = (logits > 0).to(logits.dtype) if binarise else logits.sigmoid()
        memory = self.memory_encoder(features.stride16, mask * MASK_SCALE + MASK_BIAS)
        if self.config.revision == "2.1":
            memory = memory + torch.where(object_score > 0, 0, self.no_obj_embed_spatial)[..., None, None]
        return memory

    def add_parts(self) -> None:
        """Create the additional modules of a network built on this one; the paper's has none.

        Called before the modules of revision 2.1 are created: the optimiser state of stored training runs numbers the
        parameters in this order.
        """

    def extra_map(self, levels: tuple[Tensor, Tensor, Tensor]) -> Tensor | None:
        """An additional (B, M, 4h, 4w) feature map of a network built on this one; the paper's has none.

        `levels` are the (B, C, ., .) maps of the pyramid at strides 4, 8 and 16.
        """
        return None

    def refined(self, candidates: Candidates, prompts: PromptTensors) -> Candidates:
        """Combine the decoder's masks with the mask they refine; the paper's network returns them unchanged."""
        return candidates

    def tracked_answer(self, decoded: FramePrediction, features: ImageFeatures, past: TrackedPast) -> FramePrediction:
        """The answer that training remembers and corrects on a tracked frame; the paper's network returns `decoded`.

        `decoded` was conditioned on the memory; `features` (N, ...) of the frame have one entry per object.
        """
        return decoded

    def auxiliary_task(
        self, features: ImageFeatures, masks: Tensor, generator: torch.Generator
    ) -> AuxiliaryTask | None:
        """A task of a network built on this one that training scores in addition to the decoder; the paper's has none.

        `features` of the B * T frames, clip by clip; `masks` (B, T, K, S, S) bool.
        """
        return None

    def _candidates(self, frame: Tensor, features: ImageFeatures, prompts: PromptTensors) -> Candidates:
        encoder = self.sam_prompt_encoder
        batch, num_points, _ = prompts.points.shape
        points, labels = prompts.points, prompts.labels
        if num_points == 0:
            points, labels = points.new_zeros(1, 1, 2), labels.new_full((1, 1), NOT_A_POINT)
        height, width = frame.shape[-2:]
        sparse = encoder.embed_points(points, labels, 16 * height).expand(batch, -1, -1)
        if prompts.mask_logits is None:
            dense = encoder.embed_no_mask()
        else:
            dense = encoder.embed_mask(resize(prompts.mask_logits, (4 * height, 4 * width), antialias=True))
        image = (frame + dense).expand(batch, -1, -1, -1)
        code = encoder.pe_layer.grid(height, width).to(image.dtype)
        return self.sam_mask_decoder(image, code, sparse, features.stride8, features.stride4)

    def _memory_tokens(self, memory: AttendedMemory, frame: Tensor) -> tuple[Tensor, Tensor, int]:
        """Memory (B, M + P, C_mem), its position and time codes (1, M + P, C_mem), and P."""
        mem_dim = self.config.mem_dim
        position = as_tokens(sine_positions(*frame.shape[-2:], mem_dim, frame.device))  # (1, h * w, C_mem)
        tokens = [as_tokens(features).to(frame.dtype) for _, features in memory.maps]
        codes = [position + self.maskmem_tpos_enc[slot] for slot, _ in memory.maps]
        if memory.pointers:
            per_pointer = self.config.d_model // mem_dim
            pointers = torch.stack([pointer for _, pointer in memory.pointers], dim=1).to(frame.dtype)  # (B, N, C)
            times = self._time_codes([time for time, _ in memory.pointers], frame.device)  # (N, C_mem)
            tokens.append(torch.unflatten(pointers, 2, (per_pointer, mem_dim)).flatten(1, 2))
            codes.append(times.repeat_interleave(per_pointer, dim=0)[None])
        num_pointers = tokens[-1].shape[1] if memory.pointers else 0
        return torch.cat(tokens, dim=1), torch.cat(codes, dim=1).to(frame.dtype), num_pointers

    def _time_codes(self, times: list[float], device: torch.device) -> Tensor:
        """(N, C_mem) code of each pointer's age; zero in revision 2.0."""
        if self.config.revision == "2.0":
            return torch.zeros(len(times), self.config.mem_dim, device=device)
        return self.obj_ptr_tpos_proj(sine_times(torch.tensor(times, device=device), self.config.d_model))


def _table(*shape: int) -> nn.Parameter:
    return nn.Parameter(nn.init.trunc_normal_(torch.empty(shape), std=0.02))


def _scaled(size: torch.Size, factor: int) -> tuple[int, int]:
    return size[0] * factor, size[1] * factor


def resize(x: Tensor, size: tuple[int, ...] | torch.Size, antialias: bool = False) -> Tensor:
    """(..., H, W) -> (..., *size), bilinear with pixel centres at half integers; unchanged if the size fits."""
    if x.shape[-2:] == tuple(size):
        return x
    return F.interpolate(x.float(), size=tuple(size), mode="bilinear", antialias=antialias)
