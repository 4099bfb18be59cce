"""The training loop: one stage, resumed exactly where it stopped."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.affinity import Affinity
from model_server.training.checkpoints import load_checkpoint, restore, save_checkpoint
from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator
from model_server.training.matching import matching_loss
from model_server.training.optimiser import WeightAverage, build_optimiser, scheduled_rate, set_rate
from model_server.training.progress import Averages, Clock, CsvLog
from model_server.training.prompts import draw_plan
from model_server.training.recipe import Stage
from model_server.training.rollout import Annotator, Rollout
from model_server.training.validation import validate

COLUMNS = (
    *("loss", "mask", "iou", "score", "prompted_iou", "tracked_iou", "presence", "gradient"),
    *("affinity", "matching", "matched_iou", "token"),
)
VALIDATION_SEED_OFFSET = 1_000_003
BATCHES_AHEAD = 3
AFFINITY = Affinity().requires_grad_(False)  # beside the decoder's losses its scale is fixed


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where a run lives and how often it looks up. Intervals are steps."""

    folder: Path
    seed: int = 0
    textures: Path | None = None
    annotated: Path | None = None  # npz of annotated clips (see AnnotatedClips)
    report_every: int = 20
    save_every: int = 50
    validate_every: int = 200  # 0: never
    prefetch: bool = False  # make clips in a second process


def train(network: Sam2, stage: Stage, settings: RunSettings) -> dict[str, float]:
    """Train to the end of the stage; returns the last validation. Continues from the folder's checkpoint if any."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    network.image_encoder.requires_grad_(stage.optimiser.encoder_rate > 0)  # frozen, it costs no backward pass
    optimiser = build_optimiser(network, stage.optimiser)
    average = WeightAverage(network, stage.average_decay)
    saved = load_checkpoint(settings.folder)
    first_step = restore(saved, network, optimiser, average) if saved else 0
    losses = CsvLog(settings.folder / "losses.csv", first_step=first_step)
    validations = CsvLog(settings.folder / "validation.csv", first_step=first_step)
    held_out = ClipGenerator(seed=settings.seed + VALIDATION_SEED_OFFSET, textures=settings.textures)
    clock, averages = Clock(first_step=first_step, num_steps=stage.num_steps), Averages()
    scores: dict[str, float] = {}
    network.train()
    for index, batch in _batches(stage, settings, first_step):
        set_rate(optimiser, scheduled_rate(index, stage.num_steps, stage.optimiser), stage.optimiser)
        averages.add(train_step(network, optimiser, stage, batch, (settings.seed, index)))
        average.update(network)
        step = index + 1
        last = step == stage.num_steps
        if step % settings.report_every == 0 or last:
            means = averages.take(COLUMNS)
            pace, left = clock.report(step)
            losses.append({"step": step, **means, "seconds_per_step": pace})
            shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(
                f"{stage.name} {step}/{stage.num_steps} {shown} | {pace:.2f} s/step, {left / 60:.0f} min left",
                flush=True,
            )
        if step % settings.save_every == 0 or last:
            save_checkpoint(settings.folder, step=step, network=network, optimiser=optimiser, average=average)
        if settings.validate_every and (step % settings.validate_every == 0 or last):
            scores = validate(averaged_network(network, average), held_out)
            validations.append({"step": step, **scores})
            print("validation", " ".join(f"{name} {value:.3f}" for name, value in scores.items()), flush=True)
    return scores


def train_step(
    network: Sam2, optimiser: torch.optim.Optimizer, stage: Stage, batch: ClipBatch, seed: tuple[int, int]
) -> dict[str, float]:
    """One update; all randomness comes from `seed`. A step whose loss is not finite is skipped."""
    total, row = _loss(network, stage, batch, seed)
    optimiser.zero_grad(set_to_none=True)
    gradient = float("nan")
    if torch.isfinite(total):
        total.backward()
        norm = clip_grad_norm_(network.parameters(), stage.optimiser.clip_norm)
        gradient = float(norm)
        if np.isfinite(gradient):
            optimiser.step()
    return {"loss": total.item(), **row, "gradient": gradient}


def _loss(network: Sam2, stage: Stage, batch: ClipBatch, seed: tuple[int, int]) -> tuple[Tensor, dict[str, float]]:
    """What is trained on, and what is reported beside it."""
    number = seed[0] * 1_000_000 + seed[1]
    torch.manual_seed(number)  # drop path
    rng = np.random.default_rng([seed[0], 2, seed[1]])
    corrections = int(rng.integers(stage.max_corrections + 1))
    plan = draw_plan(rng, num_frames=batch.frames.shape[1], num_corrections=corrections, mask_share=stage.mask_share)
    annotator = Annotator(network, batch, plan, seed=number, mask_loss=stage.mask_loss)
    total, row = torch.zeros(()), dict[str, float]()
    if stage.decodes:
        rollout = annotator.play()
        total, row = rollout.loss.total(), _row(rollout)
        if stage.token_weight and annotator.token_losses:
            distance = torch.stack(annotator.token_losses).mean()
            total, row["token"] = total + stage.token_weight * distance, distance.item()
    if stage.optimiser.encoder_rate and stage.affinity_weight:
        affinity = AFFINITY(annotator.features, batch.masks, torch.Generator().manual_seed(number))
        total, row["affinity"] = total + stage.affinity_weight * affinity, affinity.item()
    if stage.matching_weight:
        masks, generator = batch.masks.flatten(0, 1), torch.Generator().manual_seed(number)
        matching, row["matched_iou"] = matching_loss(network, annotator.features, masks, stage.mask_loss, generator)
        total, row["matching"] = total + stage.matching_weight * matching, matching.item()
    return total, row


def averaged_network(network: Sam2, average: WeightAverage) -> Sam2:
    """A second network with the averaged weights."""
    copy = Sam2(network.config)
    copy.load_state_dict(average.state)
    return copy.eval()


def _row(rollout: Rollout) -> dict[str, float]:
    return {
        "mask": rollout.loss.mask.item(),
        "iou": rollout.loss.iou.item(),
        "score": rollout.loss.score.item(),
        "prompted_iou": rollout.prompted_iou,
        "tracked_iou": rollout.tracked_iou,
        "presence": rollout.presence_accuracy,
    }


def _batches(stage: Stage, settings: RunSettings, first_step: int) -> Iterator[tuple[int, ClipBatch]]:
    """(step, batch) from `first_step` on; a batch serves several steps where the stage says so."""
    first, last = first_step // stage.uses, -(-stage.num_steps // stage.uses)
    for number, batch in _made(stage, settings, first, last):
        for step in range(max(first_step, number * stage.uses), min((number + 1) * stage.uses, stage.num_steps)):
            rng = np.random.default_rng([settings.seed, 4, step])
            use = step - number * stage.uses
            yield step, batch.turned(int(rng.integers(4)), bool(rng.integers(2))) if use else batch


def _made(stage: Stage, settings: RunSettings, first: int, last: int) -> Iterator[tuple[int, ClipBatch]]:
    """Batches by number, made ahead in a second process if asked."""
    if not settings.prefetch:
        source = _BatchSource(stage, settings)
        for number in range(first, last):
            yield number, source.make(number)
        return
    with ProcessPoolExecutor(1, get_context("spawn"), _start_worker, (stage, settings)) as pool:
        ahead: dict[int, Future[tuple[np.ndarray, np.ndarray]]] = {}
        for number in range(first, last):
            for wanted in range(number, min(number + BATCHES_AHEAD, last)):
                if wanted not in ahead:
                    ahead[wanted] = pool.submit(_make_in_worker, wanted)
            frames, masks = ahead.pop(number).result()
            yield number, ClipBatch(torch.from_numpy(frames), torch.from_numpy(masks))


class _BatchSource:
    def __init__(self, stage: Stage, settings: RunSettings) -> None:
        self._stage, self._seed = stage, settings.seed
        self._generator = ClipGenerator(seed=settings.seed, textures=settings.textures)
        self._annotated = AnnotatedClips(settings.annotated, seed=settings.seed) if settings.annotated else None

    def make(self, number: int) -> ClipBatch:
        is_clip, is_annotated = np.random.default_rng([self._seed, 3, number]).random(2) < (
            self._stage.clip_share,
            self._stage.annotated_share,
        )
        shape = self._stage.clips if is_clip else self._stage.images
        if self._annotated is not None and is_annotated:
            return self._annotated.batch(number, shape)
        return self._generator.batch(number, shape)


_source: _BatchSource | None = None


def _start_worker(stage: Stage, settings: RunSettings) -> None:
    global _source
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_trainer, daemon=True).start()
    _source = _BatchSource(stage, settings)


def _end_with_trainer() -> None:
    """A killed trainer cannot tell its worker, which would wait for work for ever."""
    trainer = parent_process()
    assert trainer is not None
    trainer.join()
    os._exit(1)


def _make_in_worker(number: int) -> tuple[np.ndarray, np.ndarray]:
    assert _source is not None
    batch = _source.make(number)
    return batch.frames.numpy(), batch.masks.numpy()
