"""The definition of a training stage: its data, prompts, losses and optimiser."""

from __future__ import annotations

from dataclasses import dataclass

from model_server.training.clips.generator import ClipShape
from model_server.training.objectives.losses import PAPER, MaskLoss
from model_server.training.optimiser import OptimiserSettings
from model_server.training.prompts import MASK_SHARE


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. Batches are either all images or all clips, drawn at random."""

    name: str
    num_steps: int
    images: ClipShape
    clips: ClipShape
    clip_share: float  # of the steps
    max_corrections: int  # clicks after the first prompt at most, drawn anew for each step
    optimiser: OptimiserSettings
    min_corrections: int = 0
    mask_loss: MaskLoss = PAPER
    looks_add_up: bool = False  # the loss is the sum over decoder calls, as in the paper, instead of the mean
    mask_share: float = MASK_SHARE  # of the clips are prompted with the true mask
    correction_share: float = 0.0  # of the clips get corrective clicks on tracked frames, whatever they start from
    mosaic_share: float = 0.0  # of the clips are tiled two by two
    drop_path: float | None = None  # rate of the last trunk block; by default that of the network's configuration
    bfloat16: bool = False  # autocast; weights, losses and the optimiser stay in float32
    affinity_weight: float = 0.0  # weight of `objectives.affinity`
    matching_weight: float = 0.0  # weight of `objectives.decoder_match.matching_loss`
    auxiliary_weight: float = 0.0  # weight of the network's auxiliary task, if it has one
    propagation_weight: float = 0.0  # weight of `objectives.label_propagation`
    token_weight: float = 0.0  # weight of `objectives.decoder_match.token_loss`
    pooled_weight: float = 0.0  # weight of `objectives.decoder_match.pooled_token_loss`
    decodes: bool = True  # without decoding, only affinity, matching and the auxiliary task are trained
    average_decay: float = 0.998
    annotated_share: float = 1.0  # of the batches, if there are annotated clips; the others are generated
    most_edited: float = 1.0  # share of the annotated masklets to keep, the most corrected first
    uses: int = 1  # of each batch, with new orientation and prompts: generating one costs as much as a step
    encoded_clips: int = 0  # generated, encoded once and reused; the encoder must be frozen
    encoded_images: int = 0  # in addition
    shortest_clip: int = 2  # fewest frames in a batch of encoded clips; `clips` has the most
