"""The network of the model in the box: SAM 2 with a correspondence and additive refinement of masks.

Shapes: B objects, C = d_model, M channels of a cell, S image size, h = w = S / 16 the feature grid.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from model_server.models.loom.auxiliary_task import carrying_task
from model_server.models.loom.carriers import carriers
from model_server.models.loom.config import LoomConfig
from model_server.models.loom.correspondence import Correspondence, expected_iou, presence
from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.models.loom.trunk.outline import Outline
from model_server.models.loom.trunk.pretrained import trunk_on
from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.extension import AuxiliaryTask, TrackedPast
from model_server.models.sam2.network.mask_decoder import Candidates
from model_server.models.sam2.network.normalisation import shown
from model_server.models.sam2.network.prediction import FramePrediction, ImageFeatures, PromptTensors
from model_server.models.sam2.network.sam2 import MASK_BIAS, MASK_SCALE, Sam2, resize


class Loom(Sam2):
    """The network. Its state dict has the names of SAM 2 and those of its own parts."""

    config: LoomConfig
    correspondence: Correspondence
    refined_share: nn.Linear
    prompt_head: PromptHead
    outline: Outline

    def __init__(self, config: Sam2Config) -> None:
        """Make a fresh network. Raises TypeError unless the configuration is a LoomConfig."""
        if not isinstance(config, LoomConfig):
            raise TypeError(f"{config.name} describes a network without the parts of its own that Loom has")
        super().__init__(config)

    @property
    def carries(self) -> bool:
        """Whether masks are propagated by correspondence instead of memory attention."""
        return self.config.correspondence_dim > 0

    def add_parts(self) -> None:
        """Create the correspondence, the projection that predicts how much of a refined mask is kept, and the rest."""
        if self.carries:
            d_model = None if self.config.carries_by_trunk else self.config.d_model
            self.correspondence = Correspondence(d_model, self.config.correspondence_dim)
        if self.config.refines_by_adding:
            self.refined_share = nn.Linear(self.config.d_model, 1)
            nn.init.zeros_(self.refined_share.weight)
            nn.init.ones_(self.refined_share.bias)
        if self.config.answers_by_trunk:
            self.prompt_head = PromptHead()
        if self.config.draws_outlines:
            self.outline = Outline(self.config.correspondence_dim)

    def encode_image(self, image: Tensor) -> ImageFeatures:
        """As SAM 2 does; cells are described from what the trunk sees if the network was trained so.

        Raises NoTrunk if it is needed and there is none.
        """
        features = super().encode_image(image)
        if not self.config.carries_by_trunk:
            return features
        with torch.no_grad():
            levels = trunk_on(image.device)(shown(image).contiguous(memory_format=torch.channels_last))
        return replace(features, extra=self.correspondence.describe(levels))

    def extra_map(self, levels: tuple[Tensor, Tensor, Tensor]) -> Tensor | None:
        """(B, M, 4h, 4w) descriptors of the cells of a frame, or None if the encoder's levels do not describe them."""
        return self.correspondence.describe(levels) if self.carries and not self.config.carries_by_trunk else None

    def refined(self, candidates: Candidates, prompts: PromptTensors) -> Candidates:
        """Add a learned share of the mask that is refined, if there is one, to the decoder's masks.

        A mask enters the decoder at stride 16; a small network cannot reproduce it from that.
        """
        if prompts.mask_logits is None or not self.config.refines_by_adding:
            return candidates
        previous = resize(prompts.mask_logits, candidates.masks.shape[-2:], antialias=True)
        share = self.refined_share(candidates.tokens)[..., None].to(previous.dtype)
        return replace(candidates, masks=candidates.masks + share * previous)

    def take_mask(self, mask: Tensor) -> FramePrediction:
        """Take a given mask (B, 1, S, S) of zeros and ones as the answer, as `adopt_mask` does, but for its pointer.

        Neither encoder nor decoder runs: where masks are carried, nothing attends to pointers.
        """
        present = mask.flatten(1).any(dim=1, keepdim=True)
        size = (mask.shape[-2] // 4, mask.shape[-1] // 4)
        logits = resize(mask * MASK_SCALE + MASK_BIAS, size, antialias=True)
        sure, score = torch.ones(len(mask), 1, device=mask.device), present * MASK_SCALE + MASK_BIAS
        nothing = torch.zeros(len(mask), 1, self.config.d_model, device=mask.device)
        return FramePrediction(
            logits=logits,
            predicted_iou=sure[:, 0],
            object_score=score,
            object_pointer=nothing[:, 0],
            candidates=Candidates(logits, sure, nothing, score),
            mask_index=torch.zeros(len(mask), dtype=torch.long, device=mask.device),
        )

    def adopt_carried(self, features: ImageFeatures | None, logits: Tensor) -> FramePrediction:
        """Take carried (B, 1, 4h, 4w) logits as the answer; the rest is as in `adopt_mask` or, without, `take_mask`."""
        height, width = logits.shape[-2:]
        mask = (resize(logits, (4 * height, 4 * width)) > 0).float()
        adopted = self.take_mask(mask) if features is None else self.adopt_mask(features, mask)
        return replace(adopted, logits=logits, object_score=presence(logits), predicted_iou=expected_iou(logits))

    @torch.no_grad()
    def tracked_answer(self, decoded: FramePrediction, features: ImageFeatures, past: TrackedPast) -> FramePrediction:
        """Carry the earlier masks: memory attention is trained on `decoded`, but the carried mask is remembered."""
        if not self.carries:
            return decoded
        clips = torch.unflatten(cells_of(past.features), 0, (-1, past.num_frames))
        before: list[tuple[Tensor, Tensor]] = []
        for index in carriers(past.selection, past.frame_index, past.rules):
            shares = torch.unflatten(past.shares(index), 0, (len(clips), -1))[:, :, 0]
            before.append((clips[:, index], shares))
        carried = self.correspondence.carry(clips[:, past.frame_index], before)
        return self.adopt_carried(features, carried.flatten(0, 1)[:, None])

    def auxiliary_task(
        self, features: ImageFeatures, masks: Tensor, generator: torch.Generator
    ) -> AuxiliaryTask | None:
        """Masks carried through the clips, or None for single frames and without a correspondence."""
        if not self.carries or masks.shape[1] == 1:
            return None
        return carrying_task(self.correspondence, cells_of(features), masks, generator)


def cells_of(features: ImageFeatures) -> Tensor:
    """(B, M, 4h, 4w) descriptors of the cells of a frame encoded by a network with a correspondence."""
    assert features.extra is not None, "a network with a correspondence describes cells"
    return features.extra
