"""kill -9 in mid-training, then the same command again: the weights of a run that was never disturbed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from model_server.training.checkpoints import load_checkpoint

NUM_STEPS = 9
RUN = f"""
import sys
from dataclasses import replace
from pathlib import Path
import torch
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training import loop
from model_server.training.start.initialisation import initialise
from model_server.training.recipe import STAGES

torch.set_num_threads(1)
torch.manual_seed(0)
network = Sam2(PRESETS["mini"])
initialise(network)
loop.validate = lambda network, generator: {{}}  # costs more than this whole run and changes nothing in it
stage = replace(STAGES["overfit"], num_steps={NUM_STEPS}, uses=2)
settings = loop.RunSettings(folder=Path(sys.argv[1]), save_every=2, report_every=3, prefetch=True)
loop.train(network, stage, settings)
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    program = folder.with_suffix(".py")
    program.write_text(
        f"def main():\n    {RUN.replace(chr(10), chr(10) + '    ')}\n\nif __name__ == '__main__':\n    main()\n"
    )
    return subprocess.Popen([sys.executable, str(program), str(folder)], env=environment)


def steps_done(folder: Path) -> int:
    state = load_checkpoint(folder)
    return state["step"] if state else 0


def kill_after(folder: Path, step: int) -> None:
    process = start(folder)
    while steps_done(folder) < step:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_run_that_was_killed_twice_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert start(whole).wait() == 0
    kill_after(broken, 2)
    kill_after(broken, 4)
    assert 4 <= steps_done(broken) < NUM_STEPS
    assert start(broken).wait() == 0
    one, other = load_checkpoint(whole), load_checkpoint(broken)
    assert one is not None
    assert other is not None
    assert one["step"] == other["step"] == NUM_STEPS
    for part in ("network", "average"):
        for name, value in one[part].items():
            assert torch.equal(value, other[part][name]), (part, name)
    assert (whole / "losses.csv").read_text().count("\n") == (broken / "losses.csv").read_text().count("\n")
