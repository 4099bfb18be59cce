"""One training step's rollout: a simulated annotator prompts a batch of clips, and every answer is scored.

Shapes: B clips, T frames, K targets, N = B * K objects, S pixels of the square frame, h = w = S / 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import torch
from torch import Tensor
from torch.nn import functional

from model_server.models.sam2.memory import AttendedMemory, FrameMemory, MemoryRules, Selection, select
from model_server.models.sam2.network.extension import TrackedPast
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import LOGIT_LIMIT, FramePrediction, ImageFeatures, PromptTensors
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.clip import ClipBatch
from model_server.training.objectives.decoder_match import pooled_token_loss, token_loss
from model_server.training.objectives.label_propagation import attention_calls, propagation_loss
from model_server.training.objectives.losses import PAPER, Answer, MaskLoss, StepLoss, mask_iou, step_loss
from model_server.training.prompts import (
    Points,
    PromptPlan,
    corrective_click,
    initial_click,
    noisy_box,
)

CERTAIN_MEMORY = 0.5  # share of prompted frames whose memory is of the binarised mask, as at inference


@dataclass(frozen=True, slots=True)
class Rollout:
    """Loss and metrics of one batch."""

    loss: StepLoss  # mean over decoder calls, or their sum
    prompted_iou: float  # of the last mask on prompted frames, over visible objects
    tracked_iou: float  # of frames without prompts; nan if there are none
    presence_accuracy: float


class Annotator:
    """Plays one prompt plan on one batch of clips, and keeps the memories that the network attends to."""

    def __init__(
        self,
        network: Sam2,
        batch: ClipBatch,
        plan: PromptPlan,
        *,
        seed: int,
        mask_loss: MaskLoss = PAPER,
        watched_frame: int | None = None,
    ) -> None:
        """`watched_frame`, if it is tracked, has its memory attention scored as well; `seed` is of the prompts."""
        self._network, self._plan, self._mask_loss = network, plan, mask_loss
        self._watched_frame = watched_frame
        self._generator = torch.Generator().manual_seed(seed)
        num_clips, num_frames, num_targets = batch.masks.shape[:3]
        self._num_frames = num_frames
        self._truth = batch.masks.permute(1, 0, 2, 3, 4).flatten(1, 2)  # (T, N, S, S)
        encoded = batch.features
        self.features = encoded or network.encode_image(normalise(batch.frames.flatten(0, 1)))  # (B * T, ...)
        self._clip_of_object = torch.arange(num_clips, device=batch.masks.device).repeat_interleave(num_targets)
        objects = torch.arange(num_clips * num_targets, device=batch.masks.device).view(-1, num_targets)
        self._neighbours = objects.roll(1, dims=1).flatten()  # for each object, another one of its clip
        self._rules = MemoryRules(network.config.memory_slots, network.config.max_object_pointers)
        self._memories: dict[int, FrameMemory] = {}
        self._said: dict[int, Tensor] = {}  # by frame, (N, 1, 4h, 4w) in 0..1
        self._losses: list[StepLoss] = []
        self.token_losses: list[Tensor] = []  # of first clicks, without any memory or other prompt
        self.pooled_losses: list[Tensor] = []  # of the other calls, with a box, a corrective click or the memory
        self.propagation_losses: list[Tensor] = []  # of the watched frame
        self._prompted: list[Tensor] = []
        self._tracked: list[Tensor] = []
        self._presence: list[Tensor] = []

    def play(self, *, looks_add_up: bool = False) -> Rollout:
        """Visit every frame in the order of the plan; the loss is the mean over decoder calls, or their sum."""
        for frame_index in self._plan.order(self._num_frames):
            self._visit(frame_index)
        total = self._losses[0]
        for loss in self._losses[1:]:
            total = total + loss
        count = 1 if looks_add_up else len(self._losses)
        return Rollout(
            loss=StepLoss(total.mask / count, total.iou / count, total.score / count),
            prompted_iou=_mean(self._prompted),
            tracked_iou=_mean(self._tracked),
            presence_accuracy=_mean(self._presence),
        )

    def _visit(self, frame_index: int) -> None:
        features = self.features.pick(self._clip_of_object * self._num_frames + frame_index)
        truth = self._truth[frame_index]
        initial = frame_index in self._plan.initial_frames
        if initial and self._plan.kind == "mask":
            prediction = self._network.adopt_mask(features, truth[:, None].float())
        else:
            prediction = self._annotate(frame_index, features, truth)
            prompted = initial or frame_index in self._plan.corrected_frames
            self._record(prediction, truth, self._prompted if prompted else self._tracked)
        if len(self._memories) + 1 < self._num_frames:  # no frame attends to the last one
            self._remember(frame_index, features, prediction)

    def _annotate(self, frame_index: int, features: ImageFeatures, truth: Tensor) -> FramePrediction:
        """Prompt, decode, correct; every answer is scored, except one that was misled on purpose."""
        initial, corrected = frame_index in self._plan.initial_frames, frame_index in self._plan.corrected_frames
        misled = self._plan.misleads and corrected and not initial
        frame = self._network.condition(features, None) if initial else self._condition(frame_index, features, misled)
        points = self._first_prompt(truth) if initial else _no_points(truth)
        prediction = self._decode(frame, features, PromptTensors(points.coordinates, points.labels))
        if not misled:
            self._score(prediction, truth)
            if initial and self._plan.kind == "click":
                self._pull_tokens_to_click(frame, points, truth, prediction)
            else:
                self._pull_tokens(features, truth, prediction)
        if not initial:
            past = self._past(frame_index, misled)
            prediction = self._network.tracked_answer(prediction, features, past)
        for _ in range(self._plan.num_corrections if corrected else 0):
            logits = prediction.logits.detach()
            seen = _resize(logits, truth.shape[-1])[:, 0] > 0
            points = points.and_then(corrective_click(truth, seen, self._generator))
            refined = logits.clamp(-LOGIT_LIMIT, LOGIT_LIMIT) if self._plan.refines else None
            prompts = PromptTensors(points.coordinates, points.labels, refined)
            prediction = self._decode(frame, features, prompts)
            self._score(prediction, truth)
            self._pull_tokens(features, truth, prediction)
        return prediction

    def _pull_tokens_to_click(self, frame: Tensor, points: Points, truth: Tensor, prediction: FramePrediction) -> None:
        present = truth.flatten(1).any(dim=1)
        distance = token_loss(self._network, frame, points.coordinates, prediction.candidates.tokens)
        self.token_losses.append((distance * present).sum() / present.sum().clamp(min=1))

    def _pull_tokens(self, features: ImageFeatures, truth: Tensor, prediction: FramePrediction) -> None:
        distance = pooled_token_loss(self._network, features, truth, prediction.candidates.tokens)
        self.pooled_losses.append(distance.mean())

    def _first_prompt(self, truth: Tensor) -> Points:
        everyone_visible = bool(truth.flatten(1).any(dim=1).all())
        match self._plan.kind:
            case "box" if everyone_visible:
                return noisy_box(truth, self._generator)
            case "box" | "click" | "mask":
                return initial_click(truth, self._generator)
            case _ as other:
                assert_never(other)

    def _decode(self, frame: Tensor, features: ImageFeatures, prompts: PromptTensors) -> FramePrediction:
        return self._network.decode(frame, features, prompts, multimask=prompts.is_ambiguous)

    def _score(self, prediction: FramePrediction, truth: Tensor) -> None:
        # Scored as decoded: if the object is predicted absent, the chosen mask is blank and has no gradient.
        chosen = slice(1, None) if prediction.multimask else slice(0, 1)
        candidates = prediction.candidates
        size = truth.shape[-1] // self._mask_loss.stride
        target = functional.avg_pool2d(truth[:, None].float(), self._mask_loss.stride) >= 0.5
        logits = _resize(candidates.masks[:, chosen].float(), size)
        answer = Answer(logits, candidates.predicted_ious[:, chosen].float(), candidates.object_score.float())
        self._losses.append(step_loss(answer, target, self._mask_loss))

    def _condition(self, frame_index: int, features: ImageFeatures, misled: bool) -> Tensor:
        recalled = self._recall(frame_index)
        memory = recalled.attend(self._memories)
        if misled:
            memory = AttendedMemory(
                [(slot, kept[self._neighbours]) for slot, kept in memory.maps],
                [(time, pointer[self._neighbours]) for time, pointer in memory.pointers],
            )
        if frame_index != self._watched_frame or misled:
            return self._network.condition(features, memory)
        with attention_calls(self._network.memory_attention) as calls:
            frame = self._network.condition(features, memory)
        remembered = torch.stack([self._truth[index] for index, _ in recalled.maps], dim=1)
        self.propagation_losses.append(propagation_loss(calls, remembered, self._truth[frame_index], self._mask_loss))
        return frame

    def _past(self, frame_index: int, misled: bool) -> TrackedPast:
        """The earlier answers; those of other objects if memory is meant to mislead."""

        def shares(index: int) -> Tensor:
            return self._said[index][self._neighbours] if misled else self._said[index]

        selection = self._recall(frame_index)
        return TrackedPast(self.features, self._num_frames, frame_index, selection, self._rules, shares)

    def _recall(self, frame_index: int) -> Selection:
        conditioning = {f for f in (*self._plan.initial_frames, *self._plan.corrected_frames) if f in self._memories}
        tracked = self._memories.keys() - conditioning
        return select(conditioning, tracked, frame_index, "forward", self._rules)

    def _remember(self, frame_index: int, features: ImageFeatures, prediction: FramePrediction) -> None:
        prompted = frame_index in self._plan.initial_frames or frame_index in self._plan.corrected_frames
        certain = prompted and float(torch.rand(1, generator=self._generator)) < CERTAIN_MEMORY
        memory = self._network.encode_memory(features, prediction.logits, prediction.object_score, binarise=certain)
        self._memories[frame_index] = FrameMemory(memory, prediction.object_pointer)
        self._said[frame_index] = prediction.logits.detach().float().sigmoid()

    @torch.no_grad()
    def _record(self, prediction: FramePrediction, truth: Tensor, ious: list[Tensor]) -> None:
        present = truth.flatten(1).any(dim=1)
        iou = mask_iou(_resize(prediction.logits, truth.shape[-1]), truth[:, None])[:, 0]
        ious.append(iou[present])
        self._presence.append(((prediction.object_score[:, 0] > 0) == present).float())


def _no_points(truth: Tensor) -> Points:
    count, device = len(truth), truth.device
    return Points(torch.zeros(count, 0, 2, device=device), torch.zeros(count, 0, dtype=torch.long, device=device))


def _resize(masks: Tensor, size: int) -> Tensor:
    return functional.interpolate(masks, size=(size, size), mode="bilinear", align_corners=False)


def _mean(values: list[Tensor]) -> float:
    joined = torch.cat(values) if values else torch.zeros(0)
    return float(joined.mean()) if len(joined) else float("nan")
