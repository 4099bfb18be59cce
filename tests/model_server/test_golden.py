"""Our session against recordings of the released predictor, row by row, within the rounding noise of the recording.

Free running, rounding accumulates: memories are stored in bfloat16, and a difference of 1e-6 now and then flips a bit.
With the recorded memories forced into the bank after every frame nothing accumulates, and the tolerance is strict.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.sam2.session import Sam2Session
from model_server.segmenter import FrameResult
from tests.model_server.golden_scenarios import (
    REASON_ABSENT,
    Driver,
    Step,
    load_scenario,
    open_scenario,
    scenario_names,
)

NOT_OURS = {
    "f7_correct_frame0_again": "shows a click on a conditioning frame and then forgets it",
    "f8_clear_mem": "drops memories around a correction",
    "p1_fill_holes": "fills holes in the logits",
}
"""Options of the released predictor that our session does not have."""
OVERLAPPING = {"l1_non_overlap"}
"""Their masks are cut where objects overlap; ours overlap, so only logits are compared."""
FULL_SIZE = [pytest.param(name, marks=pytest.mark.slow) for name in scenario_names() if name.startswith("t")]
MINI = [name for name in scenario_names() if not name.startswith("t")]
ABSENT = [pytest.param("none", marks=pytest.mark.skip(REASON_ABSENT))]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", [*MINI, *FULL_SIZE] or ABSENT)
def test_a_session_gives_the_recorded_rows(name: str) -> None:
    if name in NOT_OURS:
        pytest.skip(f"the released predictor {NOT_OURS[name]}; our session does not")
    recording = Recording.load(name)
    session = open_scenario(recording.description)
    noise = 0.0
    for index, result in play(session, recording):
        row = recording.row(index, result)
        if row is None:
            continue
        noise = max(noise, float(recording.rows["noise_low_res"][row]))
        check_mask(result, recording, row, max(2e-3, 10 * noise))
        check_scores(result, recording, row, 10.0, 5e-4)
        recording.compared += 1
    assert recording.compared >= recording.description["computed_rows"]


FORCED = [name for name in MINI if name not in NOT_OURS and "mem_bf16_bits" in load_scenario(name)[1]]


@pytest.mark.parametrize("name", FORCED or ABSENT)
def test_with_recorded_memories_every_step_is_exact(name: str) -> None:
    recording = Recording.load(name)
    session = open_scenario(recording.description)
    first_pass = Recording.load("a1_click") if not name.startswith("v2") else Recording.load("v2_a1_click")
    for index, result in play(session, recording, before=force_conditioning):
        step = recording.description["steps"][index]
        source, at = (first_pass, 1) if step.get("record") is False else (recording, index)
        row = source.row(at, result)
        if row is None:
            continue
        if source is recording:
            check_mask(result, recording, row, 5e-4)
            check_scores(result, recording, row, 0.0, 5e-5)
        force_memory(session, source.rows, row)
    assert recording.description["computed_rows"] > 0


@dataclass
class Recording:
    """A scenario's description and rows; how many rows were compared."""

    name: str
    description: Step
    rows: dict[str, NDArray[Any]]
    compared: int = 0

    @classmethod
    def load(cls, name: str) -> "Recording":
        return cls(name, *load_scenario(name))

    def row(self, step: int, result: FrameResult) -> int | None:
        """The row of one answer, if it shows this object."""
        rows = self.rows
        wanted = (rows["step"] == step) & (rows["frame"] == result.frame_index) & (rows["obj"] == int(result.object_id))
        for row in np.flatnonzero(wanted):
            if np.isfinite(rows["low_res"][row]).all():
                return int(row)
        return None


def play(
    session: Sam2Session, recording: Recording, before: Callable[[Sam2Session, Recording, int], None] | None = None
) -> Iterator[tuple[int, FrameResult]]:
    """(step, answer) in order."""
    description = recording.description
    driver = Driver(session, tuple(description["video_size_hw"]), description["num_frames"])
    for index, step in enumerate(description["steps"]):
        if before is not None:
            before(session, recording, index)
        for result in driver.play(step):
            yield index, result


def check_mask(result: FrameResult, recording: Recording, row: int, tolerance: float) -> None:
    where = f"object {result.object_id}, frame {result.frame_index}"
    rows = recording.rows
    stored_every = result.low_res_logits.shape[0] // rows["low_res"].shape[1]
    logits = result.low_res_logits[::stored_every, ::stored_every]
    assert abs(logits - rows["low_res"][row]).max() <= tolerance, where
    if recording.name not in OVERLAPPING:
        assert abs(int(result.mask.sum()) - rows["area"][row]) <= max(100, 20 * rows["noise_area"][row]), where


def check_scores(result: FrameResult, recording: Recording, row: int, noises: float, floor: float) -> None:
    where = f"object {result.object_id}, frame {result.frame_index}"
    rows = recording.rows
    assert (result.object_score > 0) == (rows["score"][row] > 0), where
    assert abs(result.object_score - rows["score"][row]) <= max(floor, noises * rows["noise_score"][row]), where
    if np.isfinite(rows["ious"][row]).any():  # only where the network ran
        best = np.nanmax(rows["ious"][row])
        assert abs(result.predicted_iou - best) <= max(floor, noises * rows["noise_iou"][row]), where


def force_conditioning(session: Sam2Session, recording: Recording, step: int) -> None:
    """Before a propagation: the frames it will show again, not compute."""
    for row in np.flatnonzero((recording.rows["step"] == step) & (recording.rows["computed"] == 0)):
        force_memory(session, recording.rows, int(row))


def force_memory(session: Sam2Session, rows: dict[str, NDArray[Any]], row: int) -> None:
    """Check the memory our session makes of this frame, then replace it by the recorded one."""
    if not rows["mem_bf16_bits"][row].any():
        return  # recorded for the rows of propagations only
    index = int(rows["frame"][row])
    frame = session._banks[str(rows["obj"][row])].frames[index]
    with torch.inference_mode():
        ours = session._recall._map(index, frame)[0]
    recorded = torch.from_numpy(rows["mem_bf16_bits"][row].view(np.int16)).view(torch.bfloat16)
    step = (
        recorded.float().abs() * 2**-7 + 2e-4
    )  # the second term is for values near 0, whose bfloat16 step is finer than float32 noise
    assert ((ours.float() - recorded.float()).abs() <= step).all(), f"memory of frame {index}"
    pointer = torch.from_numpy(rows["ptr"][row])[None]
    assert frame.object_pointer is not None
    assert (frame.object_pointer - pointer).abs().max() <= 5e-5, f"pointer of frame {index}"
    frame.features, frame.object_pointer = recorded[None], pointer
