"""Record our own sessions: `python -m tests.golden.record`, or some of them by name.

Do so only when tests/model_server/models/sam2/tracking/test_golden.py passes, slow tests included: that is what makes
these rows more than a copy of yesterday's output. A row carries, as the recordings do, the noise of summing in another
order.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tests.golden.scenarios import SCENARIOS, frames
from tests.model_server.golden_rows import ORDERS, Recording, play, played, pointer_of, quantities

PATH = Path(__file__).with_name("sessions.npz")
EVERY = 4
"""One logit of 4 x 4 is kept."""
NUM_CANDIDATES = 3


def load(name: str) -> Recording:
    """One of `SCENARIOS` with its rows."""
    rows = {key.split("/")[1]: array for key, array in load_all().items() if key.startswith(f"{name}/")}
    return Recording(name, SCENARIOS[name], rows, frames(SCENARIOS[name]["num_frames"]))


@cache
def load_all() -> dict[str, NDArray[Any]]:
    """The rows of every scenario, by "scenario/quantity"."""
    with np.load(PATH) as arrays:
        return dict(arrays)


def record(name: str) -> dict[str, NDArray[Any]]:
    """The rows of one scenario."""
    description = SCENARIOS[name]
    recording = Recording(name, description, {}, frames(description["num_frames"]))
    session = recording.open()
    found: list[dict[str, Any]] = []
    for step, result in play(session, recording):
        values = quantities(result, pointer_of(session, result))
        ious = np.full(NUM_CANDIDATES, np.nan, np.float32)
        ious[: len(result.candidate_ious)] = result.candidate_ious
        place = {"step": step, "frame": result.frame_index, "obj": int(result.object_id)}
        found.append(place | {"ious": ious, "computed": 0} | {key: values[key] for key in ("low_res", "score", "area")})
    rows = {key: np.stack([row[key] for row in found]) for key in found[0]}
    return trimmed(rows) | noise(Recording(name, description, rows, recording.frames))


def trimmed(rows: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """As they are stored."""
    kinds = {"step": np.int16, "frame": np.int16, "obj": np.int16, "computed": np.int8, "area": np.int32}
    rows["low_res"] = rows["low_res"][:, ::EVERY, ::EVERY]
    return {key: value.astype(kinds.get(key, np.float32)) for key, value in rows.items()}


def noise(recording: Recording) -> dict[str, NDArray[Any]]:
    """By row, the largest difference another order of summation makes."""
    usual, *others = [played(recording, order) for order in ORDERS]
    return {
        f"noise_{name}": np.array(
            [
                max(
                    float(np.max(abs(other[row][name] - usual[row][name]))) if name in usual[row] else 0
                    for other in others
                )
                for row in range(recording.num_rows)
            ],
            np.float32,
        )
        for name in ("low_res", "score", "iou", "area")
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    chosen = sys.argv[1:] or list(SCENARIOS)
    kept = load_all() if sys.argv[1:] else {}
    np.savez_compressed(PATH, **kept | {f"{name}/{key}": rows for name in chosen for key, rows in record(name).items()})
