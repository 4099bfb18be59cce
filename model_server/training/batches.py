"""The batches of a run in order, each a function of seed and number, optionally prepared in a second process.

A step has one batch per shard. Several processes divide the shards among themselves; a single process works through
them one after the other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator
from model_server.training.clips.mosaic import with_mosaics
from model_server.training.recipes.stage import Stage

BATCHES_AHEAD = 3

Shards = dict[int, ClipBatch]
"""Batches by shard number."""


class BatchMaker(Protocol):
    """Makes the batch of one shard of one step."""

    def make(self, number: int, shard: int) -> ClipBatch:
        """The batch, a pure function of the two numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Material:
    """The sources of a run's clips."""

    seed: int
    textures: Path | None = None
    annotated: Path | None = None  # npz of annotated clips (see AnnotatedClips)
    num_shards: int = 1


class Mixture:
    """Mixes generated and annotated images and clips in the proportions of a stage. A `BatchMaker`."""

    def __init__(self, stage: Stage, material: Material) -> None:
        self._stage, self._material = stage, material
        self._generator = ClipGenerator(seed=material.seed, textures=material.textures)
        self._annotated = (
            AnnotatedClips(material.annotated, seed=material.seed, most_edited=stage.most_edited)
            if material.annotated
            else None
        )

    def make(self, number: int, shard: int) -> ClipBatch:
        """The batch of a shard; all shards of a step are images or all are clips, from one source, as in the paper."""
        stage, seed = self._stage, self._material.seed
        is_clip, is_annotated = np.random.default_rng([seed, 3, number]).random(2) < (
            stage.clip_share,
            stage.annotated_share,
        )
        shape = stage.clips if is_clip else stage.images
        source = self._annotated if self._annotated is not None and is_annotated else self._generator
        place = number * self._material.num_shards + shard
        return with_mosaics(np.random.default_rng([seed, 6, place]), source.batch(place, shape), stage.mosaic_share)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The remaining steps of a stage, and the shards of this process."""

    stage: Stage
    material: Material
    shards: Sequence[int]
    first_step: int = 0


def batches(schedule: Schedule, *, prefetch: bool, maker: BatchMaker | None = None) -> Iterator[tuple[int, Shards]]:
    """Yield (step, shards) from `first_step` on; with `stage.uses` > 1, a batch is used several times, reoriented."""
    stage, first_step = schedule.stage, schedule.first_step
    first, last = first_step // stage.uses, -(-stage.num_steps // stage.uses)
    ahead = prefetch and maker is None
    made = _made_ahead(schedule, first, last) if ahead else _made(schedule, first, last, maker)
    for number, shards in made:
        for step in range(max(first_step, number * stage.uses), min((number + 1) * stage.uses, stage.num_steps)):
            rng = np.random.default_rng([schedule.material.seed, 4, step])
            if step == number * stage.uses:
                yield step, shards
            else:
                turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
                yield step, {shard: batch.turned(turns, mirrored) for shard, batch in shards.items()}


def _made(schedule: Schedule, first: int, last: int, maker: BatchMaker | None) -> Iterator[tuple[int, Shards]]:
    maker = maker or Mixture(schedule.stage, schedule.material)
    for number in range(first, last):
        yield number, {shard: maker.make(number, shard) for shard in schedule.shards}


def _made_ahead(schedule: Schedule, first: int, last: int) -> Iterator[tuple[int, Shards]]:
    with ProcessPoolExecutor(1, get_context("spawn"), _start_worker, (schedule.stage, schedule.material)) as pool:
        ahead: dict[tuple[int, int], Future[tuple[np.ndarray, np.ndarray]]] = {}
        for number in range(first, last):
            for wanted in range(number, min(number + BATCHES_AHEAD, last)):
                for shard in schedule.shards:
                    if (wanted, shard) not in ahead:
                        ahead[wanted, shard] = pool.submit(_make_in_worker, wanted, shard)
            made = {shard: ahead.pop((number, shard)).result() for shard in schedule.shards}
            yield (
                number,
                {
                    shard: ClipBatch(torch.as_tensor(frames), torch.as_tensor(masks))
                    for shard, (frames, masks) in made.items()
                },
            )


_mixture: Mixture | None = None


def _start_worker(stage: Stage, material: Material) -> None:
    global _mixture
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_trainer, daemon=True).start()
    _mixture = Mixture(stage, material)


def _end_with_trainer() -> None:
    """Exit with the trainer: if it is killed, its worker would otherwise wait for work forever."""
    trainer = parent_process()
    assert trainer is not None
    trainer.join()
    os._exit(1)


def _make_in_worker(number: int, shard: int) -> tuple[np.ndarray, np.ndarray]:
    assert _mixture is not None
    batch = _mixture.make(number, shard)
    return batch.frames.numpy(), batch.masks.numpy()
