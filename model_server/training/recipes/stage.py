"""What one stretch of training sees, and how it learns from it."""

from __future__ import annotations

from dataclasses import dataclass

from model_server.training.clips.generator import ClipShape
from model_server.training.objectives.losses import PAPER, MaskLoss
from model_server.training.optimiser import OptimiserSettings
from model_server.training.prompts import MASK_SHARE


@dataclass(frozen=True, slots=True)
class Stage:
    """Image and clip batches alternate at random, whole batches at a time."""

    name: str
    num_steps: int
    images: ClipShape
    clips: ClipShape
    clip_share: float  # of the steps
    max_corrections: int  # clicks after the first prompt, drawn anew per step, up to this
    optimiser: OptimiserSettings
    min_corrections: int = 0
    mask_loss: MaskLoss = PAPER
    looks_add_up: bool = False  # the loss is the sum over decoder calls, as in the paper, not their mean
    mask_share: float = MASK_SHARE  # of the clips, prompted with the true mask
    correction_share: float = 0.0  # of the clips: a tracked frame gets corrective clicks, whatever they start from
    mosaic_share: float = 0.0  # of the clips, shown four times beside themselves
    drop_path: float | None = None  # of the trunk's last block; None is what the network's configuration says
    bfloat16: bool = False  # products in bfloat16; weights, losses and the optimiser stay in float32
    affinity_weight: float = 0.0  # of the encoder's own loss, beside what the decoder asks of it
    matching_weight: float = 0.0  # of the decoder's ends meeting without its transformer
    auxiliary_weight: float = 0.0  # of what the network itself has to learn beside the decoder, if anything
    propagation_weight: float = 0.0  # of memory attention landing on the object where the object is, and only there
    token_weight: float = 0.0  # of the transformer bringing the clicked feature to the mask tokens
    pooled_weight: float = 0.0  # of the tokens of all other looks holding the object's mean feature
    decodes: bool = True  # False: only affinity, matching and the auxiliary task are trained on
    average_decay: float = 0.998
    annotated_share: float = 1.0  # of the batches, where there are annotated clips; the others stay generated
    most_edited: float = 1.0  # of the annotated masklets, by how often people corrected them; 1 is all
    uses: int = 1  # of each batch, turned and mirrored anew, with other prompts: making one costs as much as a step
    encoded_clips: int = 0  # generated ones, encoded once and used again and again; the encoder must be frozen
    encoded_images: int = 0  # beside them
    shortest_clip: int = 2  # frames of a batch of encoded clips: from so many to those of `clips`
