"""The training loop: trains one stage and resumes exactly where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.batches import BatchMaker, Material, Schedule, batches
from model_server.training.checkpoints import load_checkpoint, restore, save_checkpoint
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator
from model_server.training.curves import draw_curves
from model_server.training.drop_path import set_drop_path
from model_server.training.encoded import EncodedClips
from model_server.training.objectives.affinity import Affinity
from model_server.training.objectives.auxiliary import auxiliary_loss
from model_server.training.objectives.decoder_match import matching_loss
from model_server.training.optimiser import WeightAverage, build_optimiser, scheduled_rate, set_rate
from model_server.training.progress import Averages, Clock, CsvLog
from model_server.training.prompts import PromptPlan, draw_correction_plan, draw_plan
from model_server.training.recipes.stage import Stage
from model_server.training.rollout import Annotator, Rollout
from model_server.training.team import ALONE, Team
from model_server.training.validation import validate

COLUMNS = (
    *("loss", "mask", "iou", "score", "prompted_iou", "tracked_iou", "presence", "gradient"),
    *("affinity", "matching", "matched_iou", "auxiliary", "auxiliary_iou", "token", "pooled", "propagation"),
)
VALIDATION_SEED_OFFSET = 1_000_003


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Where a run is stored and how often it reports. Intervals are in steps."""

    folder: Path
    seed: int = 0
    textures: Path | None = None
    annotated: Path | None = None  # npz of annotated clips (see AnnotatedClips)
    report_every: int = 20
    save_every: int = 50
    validate_every: int = 200  # 0 disables validation
    prefetch: bool = False  # generate clips in a second process
    num_shards: int = 0  # batches in a step, divided among the processes; by default one per process


def train(
    network: Sam2, stage: Stage, settings: RunSettings, *, team: Team = ALONE, maker: BatchMaker | None = None
) -> dict[str, float]:
    """Train to the end of the stage, from the folder's checkpoint if there is one; returns the last validation.

    `maker` replaces the stage's mixture of generated and annotated clips. Raises ValueError when the shards cannot be
    divided evenly among the processes.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    network.to(team.device)
    network.image_encoder.requires_grad_(stage.optimiser.encoder_rate > 0)  # a frozen encoder needs no backward pass
    set_drop_path(network, network.config.drop_path if stage.drop_path is None else stage.drop_path)
    optimiser = build_optimiser(network, stage.optimiser)
    average = WeightAverage(network, stage.average_decay)
    saved = load_checkpoint(settings.folder)
    first_step = restore(saved, network, optimiser, average) if saved else 0
    # A resumed run keeps its batch size, whatever the number of processes.
    num_shards = settings.num_shards or (saved or {}).get("num_shards", team.size)
    material = Material(settings.seed, settings.textures, settings.annotated, num_shards)
    schedule = Schedule(stage, material, team.shards(num_shards), first_step)
    if maker is None and stage.encoded_clips:
        maker = EncodedClips(network.eval(), stage, material, team.device)
    log = _Log(stage, settings, team, first_step)
    network.train()
    for index, shards in batches(schedule, prefetch=settings.prefetch, maker=maker):
        set_rate(optimiser, scheduled_rate(index, stage.num_steps, stage.optimiser), stage.optimiser)
        step = Step((settings.seed, index), shards, num_shards)
        log.count(train_step(network, optimiser, stage, step, team))
        average.update(network)
        done = index + 1
        if log.is_due(done, settings.report_every):
            log.report(done)
        if team.leads and log.is_due(done, settings.save_every):
            state = {"step": done, "num_shards": num_shards}
            save_checkpoint(settings.folder, **state, network=network, optimiser=optimiser, average=average)
        if settings.validate_every and log.is_due(done, settings.validate_every):
            if team.leads:
                log.validate(done, averaged_copy(network, average))
            team.wait()
    team.wait()
    return log.scores


@dataclass(frozen=True, slots=True)
class Step:
    """The data of one update; all its randomness follows from `seed`, the numbers of the run and of the step."""

    seed: tuple[int, int]
    shards: Mapping[int, ClipBatch]  # of this process
    num_shards: int = 1  # of all processes


def train_step(
    network: Sam2, optimiser: torch.optim.Optimizer, stage: Stage, step: Step, team: Team = ALONE
) -> dict[str, float]:
    """One update with the mean gradient of all shards; skipped by all processes if any loss is not finite.

    Returns the mean metrics of this process's shards, and the gradient norm before clipping.
    """
    optimiser.zero_grad(set_to_none=True)
    rows, broken = Averages(), torch.zeros(1, device=team.device)
    for shard, batch in step.shards.items():
        total, row = _loss(network, stage, batch.to(team.device), (*step.seed, shard))
        if torch.isfinite(total):
            (total / step.num_shards).backward()  # pyright: ignore[reportUnknownMemberType] - torch types it partly
        else:
            broken += 1
        rows.add({"loss": total.item(), **row})
    gradient = float("nan")
    if not team.add_up(broken).item():
        parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        team.add_up_gradients(parameters)
        gradient = float(clip_grad_norm_(parameters, stage.optimiser.clip_norm))
        if np.isfinite(gradient):
            optimiser.step()
    return {**rows.take(), "gradient": gradient}


def _loss(network: Sam2, stage: Stage, batch: ClipBatch, seed: tuple[int, int, int]) -> tuple[Tensor, dict[str, float]]:
    """The loss of one shard, and its metrics by column."""
    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    # Drop path draws from the global generator.
    torch.manual_seed(number)  # pyright: ignore[reportUnknownMemberType] - torch types it partly
    rng = np.random.default_rng([seed[0], 2, seed[1]])  # the same in every shard, so that all take the same branch
    plan, device = _plan(rng, stage, batch.masks.shape[1]), batch.masks.device
    watched = (
        int(rng.integers(1, batch.masks.shape[1])) if stage.propagation_weight and batch.masks.shape[1] > 1 else None
    )
    with torch.autocast(device.type, torch.bfloat16, enabled=stage.bfloat16):
        annotator = Annotator(
            network,
            batch,
            plan,
            seed=number,
            mask_loss=stage.mask_loss,
            watched_frame=watched,
        )
        total, row = torch.zeros((), device=device), dict[str, float]()
        if stage.decodes:
            rollout = annotator.play(looks_add_up=stage.looks_add_up)
            total, row = rollout.loss.total(), _row(rollout)
            extras = (
                ("token", stage.token_weight, annotator.token_losses),
                ("pooled", stage.pooled_weight, annotator.pooled_losses),
                ("propagation", stage.propagation_weight, annotator.propagation_losses),
            )
            for name, weight, losses in extras:
                if weight and losses:
                    extra = torch.stack(losses).mean()
                    total, row[name] = total + weight * extra, extra.item()
        if stage.optimiser.encoder_rate and stage.affinity_weight:
            # Alongside the decoder's losses, scale and bias of the affinity are fixed.
            affinity_loss = Affinity().requires_grad_(False).to(device)
            affinity = affinity_loss(annotator.features, batch.masks, torch.Generator().manual_seed(number))
            total, row["affinity"] = total + stage.affinity_weight * affinity, affinity.item()
        generator = torch.Generator().manual_seed(number)
        if stage.matching_weight:
            masks = batch.masks.flatten(0, 1)
            matching, row["matched_iou"] = matching_loss(network, annotator.features, masks, stage.mask_loss, generator)
            total, row["matching"] = total + stage.matching_weight * matching, matching.item()
        task = network.auxiliary_task(annotator.features, batch.masks, generator) if stage.auxiliary_weight else None
        if task is not None:
            auxiliary, row["auxiliary_iou"] = auxiliary_loss(task, stage.mask_loss)
            total, row["auxiliary"] = total + stage.auxiliary_weight * auxiliary, auxiliary.item()
    return total, row


def _plan(rng: np.random.Generator, stage: Stage, num_frames: int) -> PromptPlan:
    corrections = int(rng.integers(stage.min_corrections, stage.max_corrections + 1))
    corrects = num_frames > 1 and stage.correction_share > 0 and rng.random() < stage.correction_share
    draw = draw_correction_plan if corrects else draw_plan
    return draw(rng, num_frames=num_frames, num_corrections=corrections, mask_share=stage.mask_share)


def averaged_copy(network: Sam2, average: WeightAverage) -> Sam2:
    """A copy of the network with the averaged weights, in evaluation mode."""
    copy = type(network)(network.config).to(next(network.parameters()).device)
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


class _Log:
    """Reports of a run, written and printed by its first process; the others only take part in the means."""

    def __init__(self, stage: Stage, settings: RunSettings, team: Team, first_step: int) -> None:
        self._stage, self._settings, self._team = stage, settings, team
        self._clock, self._averages = Clock(first_step=first_step, num_steps=stage.num_steps), Averages()
        self.scores: dict[str, float] = {}
        self._losses, self._validations = None, None
        if team.leads:
            self._losses = CsvLog(settings.folder / "losses.csv", first_step=first_step)
            self._validations = CsvLog(settings.folder / "validation.csv", first_step=first_step)
            self._held_out = ClipGenerator(seed=settings.seed + VALIDATION_SEED_OFFSET, textures=settings.textures)

    def is_due(self, done: int, interval: int) -> bool:
        return done % interval == 0 or done == self._stage.num_steps

    def count(self, row: Mapping[str, float]) -> None:
        self._averages.add(row)

    def report(self, done: int) -> None:
        """Report the means over the interval and all processes."""
        sums, counts = self._averages.take_sums(COLUMNS)
        numbers = torch.tensor([*sums, *counts], dtype=torch.float32, device=self._team.device)
        sums, counts = self._team.add_up(numbers).cpu().chunk(2)
        # 0 / 0 is nan: nothing was seen.
        means: dict[str, float] = dict(zip(COLUMNS, (sums / counts).numpy().tolist(), strict=True))
        if self._losses is None:
            return
        pace, left = self._clock.report(done)
        self._losses.append({"step": done, **means, "seconds_per_step": pace})
        draw_curves(self._settings.folder)
        shown = " ".join(f"{name} {value:.3f}" for name, value in means.items())
        steps = f"{self._stage.name} {done}/{self._stage.num_steps}"
        print(f"{steps} {shown} | {pace:.2f} s/step, {left / 60:.0f} min left", flush=True)

    def validate(self, done: int, network: Sam2) -> None:
        assert self._validations is not None
        self.scores = validate(network, self._held_out)
        self._validations.append({"step": done, **self.scores})
        draw_curves(self._settings.folder)
        print("validation", " ".join(f"{name} {value:.3f}" for name, value in self.scores.items()), flush=True)
