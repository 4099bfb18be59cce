"""Our session against its own recordings, made when it agreed with every recording of the released predictor.

Frames are drawn and weights follow from the recipe, so this runs anywhere. `tests/golden/record.py` records anew.
"""

import pytest
import torch

from tests.golden.record import PATH, load
from tests.golden.scenarios import SCENARIOS
from tests.model_server.golden_rows import check_rows


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_session_gives_what_it_gave_before(name: str) -> None:
    torch.set_num_threads(1)
    check_rows(load(name))


def test_the_recording_stays_small() -> None:
    assert PATH.stat().st_size < 500_000
