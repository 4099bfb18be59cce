"""Our session against recordings of the released predictor, row by row, within the rounding noise of each row.

Free running, rounding accumulates: memories are stored in bfloat16, and a difference of 1e-6 now and then flips a bit.
With the recorded memories forced into the bank after every frame nothing accumulates, and the tolerance is strict.
"""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.sam2.tracking.session import Sam2Session
from tests.model_server.golden_rows import Recording, beyond, check_rows, differences, play, pointer_of, tolerances
from tests.model_server.golden_scenarios import REASON_ABSENT, load_scenario, scenario_names

MINI = [name for name in scenario_names() if not name.startswith("t")]
FULL_SIZE = ["t2_box_refine_reverse"] if MINI else []
"""In every run; the others of full size take a minute each."""
MORE_FULL_SIZE = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in scenario_names()
    if name.startswith("t") and name not in FULL_SIZE
]
ABSENT = [pytest.param("none", marks=pytest.mark.skip(REASON_ABSENT))]
FORCED_TOLERANCES = {"low_res": 5e-4, "score": 5e-5, "ptr": 5e-5}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", [*MINI, *FULL_SIZE, *MORE_FULL_SIZE] or ABSENT)
def test_a_session_gives_the_recorded_rows(name: str) -> None:
    check_rows(Recording.load(name))


FORCED = [name for name in MINI if "mem_bf16_bits" in load_scenario(name)[1]]


@pytest.mark.parametrize("name", FORCED or ABSENT)
def test_with_recorded_memories_every_step_is_exact(name: str) -> None:
    recording = Recording.load(name)
    session = recording.open()
    first_pass = Recording.load("a1_click") if not name.startswith("v2") else Recording.load("v2_a1_click")
    num_compared = 0
    for index, result in play(session, recording, before=force_conditioning):
        step = recording.description["steps"][index]
        source, at = (first_pass, 1) if step.get("record") is False else (recording, index)
        row = source.row(at, result)
        if row is None or not source.has_logits(row):
            continue
        if source is recording and recording.rows["computed"][row]:
            found = differences(recording, row, result, pointer_of(session, result))
            allowed = tolerances(recording, row) | FORCED_TOLERANCES
            excess = beyond(found, allowed)
            assert not excess, f"object {result.object_id}, frame {result.frame_index}: {excess}"
            num_compared += 1
        force_memory(session, source.rows, row)
    assert num_compared == recording.description["computed_rows"]


def force_conditioning(session: Sam2Session, recording: Recording, step: int) -> None:
    """Before a propagation: the frames it will show again, not compute."""
    for row in np.flatnonzero((recording.rows["step"] == step) & (recording.rows["computed"] == 0)):
        if recording.has_logits(int(row)):
            force_memory(session, recording.rows, int(row))


def force_memory(session: Sam2Session, rows: dict[str, NDArray[Any]], row: int) -> None:
    """Check the memory our session makes of this frame, then replace it by the recorded one."""
    if not rows["mem_bf16_bits"][row].any():
        return  # recorded for the rows of propagations only
    index = int(rows["frame"][row])
    frame = session._banks[str(rows["obj"][row])].frames[index]
    with torch.inference_mode():
        session._memory.encode([(index, frame)])
    recorded = torch.from_numpy(rows["mem_bf16_bits"][row].view(np.int16)).view(torch.bfloat16)
    assert frame.features is not None
    ours = frame.features[0]
    step = (
        recorded.float().abs() * 2**-7 + 2e-4
    )  # the second term is for values near 0, whose bfloat16 step is finer than float32 noise
    assert ((ours.float() - recorded.float()).abs() <= step).all(), f"memory of frame {index}"
    pointer = torch.from_numpy(rows["ptr"][row])[None]
    assert frame.object_pointer is not None
    assert (frame.object_pointer - pointer).abs().max() <= 5e-5, f"pointer of frame {index}"
    frame.features, frame.object_pointer = recorded[None], pointer
