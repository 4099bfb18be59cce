"""Rows of a recording, and how near an answer must come to one.

Every row carries the rounding noise measured where it was recorded: the difference between runs that should not differ
(another order of summation). A processor with another instruction set rounds differently from the first convolution
on, and a difference of 1e-6 now and then flips a step of a bfloat16 memory (0.4 %), so a row's noise may be more here.
It is measured here in the same way before a tracked row outside the recorded noise counts as a fault.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from model_server.models.sam2.tracking.results import FILLED_LOGIT
from model_server.models.sam2.tracking.session import Sam2Session
from model_server.segmenter import FrameResult
from tests.model_server.golden_scenarios import Driver, Step, StoredFrames, load_scenario, open_scenario

Before = Callable[[Sam2Session, "Recording", int], None]
NOISES = 10.0
BUG_FROM = 1e-2
"""Logits this far off on a tracked frame are no rounding, whatever the noise."""
ORDERS = ((True, True), (False, True), (True, False), (False, False))
"""(convolutions by oneDNN, fused attention); the usual one first."""
PROBE = (slice(22, None, 45), slice(24, None, 48))


@dataclass(frozen=True, eq=False)
class Recording:
    """A scenario's description and rows, and its frames where they are not recorded but drawn."""

    name: str
    description: Step
    rows: dict[str, NDArray[Any]]
    frames: StoredFrames | None = None

    @classmethod
    def load(cls, name: str) -> "Recording":
        """One of the released predictor."""
        return cls(name, *load_scenario(name))

    def open(self) -> Sam2Session:
        """A session for it."""
        return open_scenario(self.description, self.frames)

    @property
    def num_rows(self) -> int:
        return len(self.rows["step"])

    @cached_property
    def floors(self) -> dict[str, float]:
        """Tolerance where the noise is smaller still."""
        if self.name.startswith("t"):
            return {"low_res": 5e-4, "score": 2e-4, "iou": 2e-5, "area": 50, "ptr": 2e-4}
        return {"low_res": 2e-4, "score": 1e-4, "iou": 2e-5, "area": 20, "ptr": 1e-4}

    def row(self, step: int, result: FrameResult) -> int | None:
        """The row of one answer, if it was recorded."""
        rows = self.rows
        wanted = (rows["step"] == step) & (rows["frame"] == result.frame_index) & (rows["obj"] == int(result.object_id))
        found = np.flatnonzero(wanted)
        return int(found[0]) if len(found) else None

    def has_logits(self, row: int) -> bool:
        """Whether the row is more than another object's mask shown again."""
        return bool(np.isfinite(self.rows["low_res"][row]).all())


def play(session: Sam2Session, recording: Recording, before: Before | None = None) -> Iterator[tuple[int, FrameResult]]:
    """(step, answer) in order."""
    description = recording.description
    driver = Driver(session, tuple(description["video_size_hw"]), description["num_frames"])
    for index, step in enumerate(description["steps"]):
        if before is not None:
            before(session, recording, index)
        for result in driver.play(step):
            yield index, result


def check_rows(recording: Recording) -> None:
    """Play the scenario and compare row by row; the first one outside its tolerance ends it."""
    session = recording.open()
    compared: set[int] = set()
    for step, result in play(session, recording):
        row = recording.row(step, result)
        if row is None:
            continue
        found = differences(recording, row, result, pointer_of(session, result))
        allowed = tolerances(recording, row)
        noises = noises_here(recording, row) if row > 0 else iter(())
        while beyond(found, allowed) and (noise := next(noises, None)) is not None:
            allowed = tolerances(recording, row, noise)
        excess = beyond(found, allowed)
        assert not excess, f"object {result.object_id}, frame {result.frame_index}: {excess}, allowed {allowed}"
        compared.add(row)
    for row in set(range(recording.num_rows)) - compared:  # objects that are not there yet on another's prompted frame
        assert not recording.has_logits(row), f"row {row} was not played"
        assert recording.rows["area"][row] == 0, f"row {row} was not played"


def beyond(found: dict[str, float], allowed: dict[str, float]) -> dict[str, float]:
    """The quantities outside their tolerance."""
    return {name: value for name, value in found.items() if value > allowed[name]}


def differences(recording: Recording, row: int, result: FrameResult, pointer: Tensor | None) -> dict[str, float]:
    """How far an answer is from its row; decisions that must be equal are asserted."""
    rows, where = recording.rows, f"{recording.name}: object {result.object_id}, frame {result.frame_index}"
    found = {"area": abs(int(result.mask.sum()) - float(rows["area"][row]))}
    if not recording.has_logits(row):
        return found
    recorded = rows["low_res"][row]
    every = result.low_res_logits.shape[0] // recorded.shape[0]
    logits = result.low_res_logits[::every, ::every]
    if rows["computed"][row] and recording.description["model_overrides"].get("fill_hole_area"):
        # Answers to prompts were recorded before their holes were filled; and whether a logit within its noise of
        # zero belongs to a hole is rounding.
        hole = recorded <= tolerances(recording, row)["low_res"]
        logits = np.where((logits == np.float32(FILLED_LOGIT)) & hole, recorded, logits)
    found["low_res"] = float(abs(logits - recorded).max())
    found["score"] = float(abs(result.object_score - rows["score"][row]))
    assert (result.object_score > 0) == (rows["score"][row] > 0), where
    if pointer is not None and "ptr" in rows:
        found["ptr"] = float(abs(pointer.numpy()[0] - rows["ptr"][row]).max())
    ious = rows["ious"][row][np.isfinite(rows["ious"][row])]
    if len(ious):  # only where the network ran
        assert len(result.candidate_ious) == len(ious), where
        assert np.argmax(result.candidate_ious) == np.argmax(ious), where
        found["iou"] = float(abs(np.array(result.candidate_ious) - ious).max())
    probe = rows["probe"][row] if "probe" in rows else np.zeros((0, 0))
    if probe.size and not recording.description["model_overrides"].get("non_overlap_masks"):
        certain = abs(probe) > max(BUG_FROM, NOISES * rows["noise_low_res"][row])
        assert ((probe > 0) == result.mask[PROBE])[certain].all(), where
    return found


def tolerances(recording: Recording, row: int, noise: dict[str, float] | None = None) -> dict[str, float]:
    """Of a row, by its recorded noise or by a larger one measured here."""
    found: dict[str, float] = {}
    for name, floor in recording.floors.items():
        recorded = float(recording.rows[f"noise_{name}"][row]) if f"noise_{name}" in recording.rows else 0.0
        found[name] = max(floor, NOISES * recorded)
        if noise is not None:
            local = NOISES * noise.get(name, 0.0)
            found[name] = max(found[name], min(local, BUG_FROM) if name == "low_res" else local)
    return found


def pointer_of(session: Sam2Session, result: FrameResult) -> Tensor | None:
    """The pointer the session remembers of an answer; None when it remembers another answer."""
    frame = session._banks[result.object_id].frames.get(result.frame_index)
    return None if frame is None or frame.passing_logits is not None else frame.object_pointer


def noises_here(recording: Recording, row: int) -> Iterator[dict[str, float]]:
    """How much this machine's answer depends on the order of summation, over one more order each time."""
    usual, noise = played(recording, ORDERS[0])[row], dict.fromkeys(recording.floors, 0.0)
    for order in ORDERS[1:]:
        other = played(recording, order)[row]
        for quantity, value in usual.items():
            noise[quantity] = max(noise[quantity], float(np.max(np.abs(value - other[quantity]))))
        yield noise


@cache
def played(recording: Recording, order: tuple[bool, bool]) -> dict[int, dict[str, NDArray[Any]]]:
    """What this machine answers to every recorded row, summing in some order."""
    values: dict[int, dict[str, NDArray[Any]]] = {}
    with _summing(*order):
        session = recording.open()
        for step, result in play(session, recording):
            row = recording.row(step, result)
            if row is not None:
                values[row] = quantities(result, pointer_of(session, result))
    return values


def quantities(result: FrameResult, pointer: Tensor | None) -> dict[str, NDArray[Any]]:
    """What is compared of an answer."""
    found = {
        "low_res": result.low_res_logits,
        "score": np.array(result.object_score),
        "iou": np.array(result.candidate_ious),
        "area": np.array(result.mask.sum(), dtype=float),
    }
    if pointer is not None:
        found["ptr"] = pointer.numpy()[0].copy()
    return {name: value for name, value in found.items() if value.size}


@contextmanager
def _summing(convolutions_by_onednn: bool, attention_fused: bool) -> Iterator[None]:
    """The same mathematics, summed in another order."""
    usual = F.scaled_dot_product_attention
    torch.backends.mkldnn.set_flags(convolutions_by_onednn)
    F.scaled_dot_product_attention = usual if attention_fused else _written_out
    try:
        yield
    finally:
        torch.backends.mkldnn.set_flags(True)
        F.scaled_dot_product_attention = usual


def _written_out(query: Tensor, key: Tensor, value: Tensor, dropout_p: float = 0.0) -> Tensor:
    return (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).softmax(dim=-1) @ value
