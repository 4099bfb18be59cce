"""The stages of the paper (SAM 2 appendix D, the second one as in SAM 2.1), for machines with many GPUs.

`paper-images` trains on single frames, `paper-full` on images and 8-frame clips, `paper-long` on the hardest 16-frame
clips. The batch of a step is `images.batch_size` or `clips.batch_size` per shard; the paper's is 256 in total.
"""

from __future__ import annotations

from dataclasses import replace

from model_server.training.clips.generator import ClipShape
from model_server.training.optimiser import OptimiserSettings
from model_server.training.recipes.stage import Stage

CLICKS = 7
TARGETS = 3
VIDEO_SHARE = 0.848  # of the batches: all but SA-1B's 15.2 %
RATE, ENCODER_RATE = 3e-4, 6e-5

_IMAGES = ClipShape(batch_size=2, num_frames=1, num_targets=TARGETS, size=1024)
_CLIPS = ClipShape(batch_size=1, num_frames=8, num_targets=TARGETS, size=1024)
_LONG_CLIPS = ClipShape(batch_size=1, num_frames=16, num_targets=TARGETS, size=1024)


_OPTIMISER = OptimiserSettings(
    learning_rate=RATE,
    encoder_rate=ENCODER_RATE / RATE,
    layer_decay=0.8,  # of the two smaller networks; 0.9 and 0.925 are the larger ones'
    weight_decay=0.1,
    clip_norm=0.1,
    second_moment=0.999,
    warmup_steps=15_000,
    final_rate=0.0,
)
_IMAGE_OPTIMISER = replace(
    _OPTIMISER, learning_rate=4e-4, encoder_rate=1.0, warmup_steps=1000, timescale=1000, cooldown_steps=5000
)
_LONG_OPTIMISER = replace(_OPTIMISER, learning_rate=RATE / 2, encoder_rate=0.0, warmup_steps=5000)

PAPER_STAGES: tuple[Stage, ...] = (
    Stage(
        name="paper-images",
        num_steps=90_000,
        images=_IMAGES,
        clips=_CLIPS,
        clip_share=0.0,
        min_corrections=CLICKS,
        max_corrections=CLICKS,
        optimiser=_IMAGE_OPTIMISER,
        looks_add_up=True,
        drop_path=0.1,
        bfloat16=True,
    ),
    Stage(
        name="paper-full",
        num_steps=150_000,
        images=_IMAGES,
        clips=_CLIPS,
        clip_share=VIDEO_SHARE,
        min_corrections=CLICKS,
        max_corrections=CLICKS,
        optimiser=_OPTIMISER,
        looks_add_up=True,
        mosaic_share=0.1,
        drop_path=0.1,
        bfloat16=True,
    ),
    Stage(
        name="paper-long",
        num_steps=50_000,
        images=_IMAGES,
        clips=_LONG_CLIPS,
        clip_share=VIDEO_SHARE,
        min_corrections=CLICKS,
        max_corrections=CLICKS,
        optimiser=_LONG_OPTIMISER,
        looks_add_up=True,
        mosaic_share=0.1,
        drop_path=0.0,
        bfloat16=True,
        most_edited=0.5,
    ),
)
