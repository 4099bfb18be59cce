"""Clips encoded once by a frozen image encoder, and reused for training without running the trunk. Ours.

A clip costs less to encode than a training step on it, but as much to generate. In float16, a clip of 8 frames and 4
objects takes 4 MB at 256 px. The contents follow from the seed and the weights alone, so that a resumed run recreates
them and continues exactly. Encoded clips cannot be rotated, but can be played backwards and at double speed.

Shapes: B clips, T frames of a batch, T_s of a stored clip, K objects of a batch, K_s of a stored clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.batches import Material
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.recipes.stage import Stage

LARGEST_STRIDE = 2  # largest step between the frames of a batch
CHOICE = 2  # stored objects per object of a batch
ABSENCE_WEIGHT = 3.0  # odds of choosing an object that is absent for a while against one always in sight


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """One clip as the decoder and the memory need it."""

    features: ImageFeatures  # (T_s, ...) float16
    masks: Tensor  # (T_s, K_s, S, S) bool


class EncodedClips:
    """Makes batches from stored clips and images; implements `batches.BatchMaker`.

    Raises ValueError for a stage whose encoder is trained, or whose batches are used several times.
    """

    def __init__(self, network: Sam2, stage: Stage, material: Material, device: torch.device) -> None:
        if stage.optimiser.encoder_rate or stage.uses > 1:
            raise ValueError(f"{stage.name}: encoded clips need a frozen encoder, and cannot be turned for another use")
        self._stage, self._material = stage, material
        generator = ClipGenerator(seed=material.seed, textures=material.textures)
        clips, images = stage.clips, stage.images
        self._clips = _encoded(network, generator, range(stage.encoded_clips), clips, device)
        later = range(stage.encoded_clips, stage.encoded_clips + stage.encoded_images)
        self._images = _encoded(network, generator, later, images, device)

    def make(self, number: int, shard: int) -> ClipBatch:
        """The batch of a shard; all shards of a step are images, or clips of one length."""
        stage, seed = self._stage, self._material.seed
        shared = np.random.default_rng([seed, 7, number])
        is_clip = shared.random() < stage.clip_share
        num_frames = int(shared.integers(stage.shortest_clip, stage.clips.num_frames + 1)) if is_clip else 1
        rng = np.random.default_rng([seed, 8, number * self._material.num_shards + shard])
        store, shape = (self._clips, stage.clips) if is_clip else (self._images + self._clips, stage.images)
        chosen = rng.choice(len(store), shape.batch_size, replace=shape.batch_size > len(store))
        return _stacked([excerpt(rng, store[int(index)], num_frames, shape.num_targets) for index in chosen])


def excerpt(rng: np.random.Generator, clip: EncodedClip, num_frames: int, num_targets: int) -> EncodedClip:
    """Draw consecutive or alternate frames, forwards or backwards, and objects that are visible on the first of them.

    If none is, the first frames of the clip are taken. Too few objects are repeated, as in generated clips.
    """
    length = len(clip.masks)
    strides = [s for s in range(1, LARGEST_STRIDE + 1) if (num_frames - 1) * s < length]
    stride = int(rng.choice(strides))
    first = int(rng.integers(length - (num_frames - 1) * stride))
    frames = first + stride * np.arange(num_frames)
    if rng.random() < 0.5:
        frames = frames[::-1]
    visible = clip.masks.flatten(2).any(dim=2).numpy()
    if not visible[frames[0]].any():
        frames = np.arange(num_frames)
    there = visible[frames]
    usable = np.flatnonzero(there[0])
    weights = np.where(there[:, usable].all(axis=0), 1.0, ABSENCE_WEIGHT)
    count = min(num_targets, len(usable))
    chosen = rng.choice(usable, count, replace=False, p=weights / weights.sum())
    targets = np.resize(chosen, num_targets)
    features = clip.features.pick(torch.as_tensor(frames.copy()))
    return EncodedClip(features, clip.masks[frames.copy()][:, targets])


@torch.no_grad()
def _encoded(
    network: Sam2, generator: ClipGenerator, steps: range, shape: ClipShape, device: torch.device
) -> list[EncodedClip]:
    one = ClipShape(1, shape.num_frames, CHOICE * shape.num_targets, shape.size)
    made: list[EncodedClip] = []
    for step in steps:
        batch = generator.batch(step, one)
        features = network.encode_image(normalise(batch.frames[0]).to(device))
        made.append(EncodedClip(features.map(lambda x: x.to("cpu", torch.float16)), batch.masks[0]))
    return made


def _stacked(clips: Sequence[EncodedClip]) -> ClipBatch:
    together = zip(*(clip.features.maps() for clip in clips), strict=True)
    features = ImageFeatures(*(torch.cat(maps).float() for maps in together))
    masks = torch.stack([clip.masks for clip in clips])
    return ClipBatch(torch.empty(*masks.shape[:2], 3, 0, 0), masks, features)
