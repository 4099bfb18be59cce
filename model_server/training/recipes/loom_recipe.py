"""The stages in which the model in the box was trained: hours on a CPU.

They train any network of a few million parameters, but were tuned for this one.
"""

from __future__ import annotations

from dataclasses import replace

from model_server.training.clips.generator import ClipShape
from model_server.training.objectives.losses import BALANCED, HALF_BALANCED
from model_server.training.optimiser import OptimiserSettings
from model_server.training.recipes.stage import Stage

FULL_IMAGES = ClipShape(batch_size=3, num_frames=1, num_targets=6, size=256)
FULL_CLIPS = ClipShape(batch_size=1, num_frames=4, num_targets=4, size=256)

LOOM_STAGES: tuple[Stage, ...] = (
    Stage(
        name="images",
        num_steps=500,
        images=ClipShape(batch_size=4, num_frames=1, num_targets=6, size=128),
        clips=ClipShape(batch_size=3, num_frames=3, num_targets=2, size=128),
        clip_share=0.0,
        max_corrections=1,
        optimiser=OptimiserSettings(learning_rate=7e-4, warmup_steps=50, final_rate=1.0),
        mask_loss=BALANCED,
        average_decay=0.99,
    ),
    Stage(
        name="matching",
        num_steps=1200,
        images=ClipShape(batch_size=4, num_frames=1, num_targets=8, size=192),
        clips=FULL_CLIPS,
        clip_share=0.0,
        max_corrections=0,
        optimiser=OptimiserSettings(learning_rate=1e-3, warmup_steps=30, final_rate=0.1),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.3,
        matching_weight=1.0,
        decodes=False,
        average_decay=0.98,
        uses=2,
    ),
    Stage(
        name="joining",
        num_steps=2000,
        images=ClipShape(batch_size=3, num_frames=1, num_targets=6, size=192),
        clips=ClipShape(batch_size=1, num_frames=4, num_targets=4, size=192),
        clip_share=0.3,
        max_corrections=2,
        optimiser=OptimiserSettings(learning_rate=8e-4, encoder_rate=0.5, warmup_steps=30, final_rate=1.0),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.2,
        matching_weight=0.5,
        token_weight=1.0,
        average_decay=0.99,
        uses=2,
    ),
    Stage(
        name="broad",
        num_steps=2000,
        images=ClipShape(batch_size=6, num_frames=1, num_targets=6, size=128),
        clips=ClipShape(batch_size=1, num_frames=4, num_targets=4, size=192),
        clip_share=0.2,
        max_corrections=3,
        optimiser=OptimiserSettings(learning_rate=8e-4, warmup_steps=30, final_rate=1.0),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.5,
        average_decay=0.99,
        uses=2,
    ),
    Stage(
        name="memory",
        num_steps=300,
        images=ClipShape(batch_size=2, num_frames=1, num_targets=6, size=256),
        clips=ClipShape(batch_size=2, num_frames=3, num_targets=4, size=256),
        clip_share=0.7,
        max_corrections=1,
        optimiser=OptimiserSettings(learning_rate=1e-3, encoder_rate=0.0, warmup_steps=20, final_rate=0.3),
        mask_loss=BALANCED,
        mask_share=1.0,
        average_decay=0.98,
    ),
    Stage(
        name="full",
        num_steps=3000,
        images=FULL_IMAGES,
        clips=FULL_CLIPS,
        clip_share=0.5,
        max_corrections=3,
        # Constant rate: the stage may be stopped at any time, and `settle` lets it decay.
        optimiser=OptimiserSettings(learning_rate=6e-4, encoder_rate=0.8, warmup_steps=30, final_rate=1.0),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.5,
        auxiliary_weight=0.5,
        average_decay=0.996,
    ),
    Stage(
        name="settle",
        num_steps=600,
        images=FULL_IMAGES,
        clips=FULL_CLIPS,
        clip_share=0.5,
        max_corrections=2,
        optimiser=OptimiserSettings(learning_rate=6e-4, encoder_rate=0.5, warmup_steps=10, final_rate=0.03),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.2,
        matching_weight=0.3,
        token_weight=0.5,
        auxiliary_weight=0.5,
        average_decay=0.985,
        uses=2,
    ),
    Stage(
        name="remember",  # the memory catches up with features trained by other losses
        num_steps=220,
        images=FULL_IMAGES,
        clips=FULL_CLIPS,
        clip_share=0.75,
        max_corrections=2,
        optimiser=OptimiserSettings(learning_rate=6e-4, encoder_rate=0.0, warmup_steps=10, final_rate=0.03),
        mask_loss=HALF_BALANCED,
        mask_share=0.8,
        token_weight=0.5,
        average_decay=0.97,
        uses=2,
    ),
    Stage(
        name="carry",  # the encoder learns correspondence; the ends of the decoder follow
        num_steps=1700,
        images=FULL_IMAGES,
        clips=ClipShape(batch_size=1, num_frames=4, num_targets=8, size=256),
        clip_share=1.0,
        max_corrections=0,
        # The old weights learn at a fifth of the rate of the new ones.
        optimiser=OptimiserSettings(
            learning_rate=3e-3, encoder_rate=0.2, decoder_rate=0.2, warmup_steps=30, final_rate=0.03
        ),
        mask_loss=HALF_BALANCED,
        affinity_weight=0.3,
        matching_weight=0.5,
        auxiliary_weight=1.0,
        decodes=False,
        average_decay=0.99,
    ),
    Stage(
        name="correct",  # clicks on tracked frames prevail, and memory propagates masks: many cheap steps
        num_steps=1900,
        images=ClipShape(batch_size=3, num_frames=1, num_targets=4, size=256),
        clips=ClipShape(batch_size=2, num_frames=8, num_targets=2, size=256),
        clip_share=0.7,
        min_corrections=1,
        max_corrections=4,
        optimiser=OptimiserSettings(
            learning_rate=6e-4, encoder_rate=0.0, decoder_rate=0.6, warmup_steps=20, final_rate=0.03
        ),
        mask_loss=replace(HALF_BALANCED, stride=4, spread=0.15),
        mask_share=0.7,
        correction_share=0.85,
        propagation_weight=0.5,
        token_weight=0.5,
        pooled_weight=0.2,
        average_decay=0.99,
        encoded_clips=300,
        encoded_images=600,
        shortest_clip=3,
    ),
)
