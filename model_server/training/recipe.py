"""The stages of training, by name; each starts from the averaged weights of the one before."""

from __future__ import annotations

from model_server.training.clips.generator import ClipShape
from model_server.training.objectives.losses import BALANCED, HALF_BALANCED
from model_server.training.optimiser import OptimiserSettings
from model_server.training.recipes.loom_recipe import FULL_CLIPS, FULL_IMAGES, LOOM_STAGES
from model_server.training.recipes.paper_recipe import PAPER_STAGES
from model_server.training.recipes.stage import Stage

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            name="overfit",
            num_steps=60,
            images=ClipShape(batch_size=2, num_frames=1, num_targets=2, size=64),
            clips=ClipShape(batch_size=1, num_frames=3, num_targets=2, size=64),
            clip_share=0.25,
            max_corrections=2,
            optimiser=OptimiserSettings(learning_rate=2e-3, warmup_steps=10),
            mask_loss=BALANCED,
            average_decay=0.9,
        ),
        *LOOM_STAGES,
        Stage(
            name="tune",  # on annotated clips, from trained weights
            num_steps=200,
            images=FULL_IMAGES,
            clips=FULL_CLIPS,
            clip_share=0.6,
            max_corrections=2,
            optimiser=OptimiserSettings(learning_rate=2e-4, encoder_rate=0.5, warmup_steps=10, final_rate=0.05),
            mask_loss=HALF_BALANCED,
            auxiliary_weight=0.5,
            average_decay=0.97,
            annotated_share=0.7,  # the rest keeps what a few videos cannot show
            uses=2,
        ),
        *PAPER_STAGES,
    )
}
