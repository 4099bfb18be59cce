"""Several processes train one network: torchrun starts them here, on processors."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training import loop
from model_server.training.checkpoints import load_checkpoint
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.optimiser import build_optimiser
from model_server.training.recipe import STAGES
from model_server.training.start.initialisation import initialise
from model_server.training.team import Team

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
import torch
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training import loop
from model_server.training.start.initialisation import initialise
from model_server.training.optimiser import scheduled_rate
from model_server.training.recipe import STAGES
from model_server.training.team import team

STAGE = replace(STAGES["overfit"], num_steps=4, clip_share=0.5)

def run(folder, processes, num_shards=0):
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"])
    initialise(network)
    settings = loop.RunSettings(folder, report_every=2, save_every=2, validate_every=0, num_shards=num_shards)
    loop.train(network, STAGE, settings, team=processes)

def stop_after_three(step, *rest):
    if step == 3:
        raise KeyboardInterrupt
    return scheduled_rate(step, *rest)

if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    with team("cpu") as processes:
        run(folder / "whole", processes)
        loop.scheduled_rate = stop_after_three
        try:
            run(folder / "broken", processes)
        except KeyboardInterrupt:
            pass
        loop.scheduled_rate = scheduled_rate
        processes.wait()
        run(folder / "broken", processes)
        if processes.size == 2:
            print(f"processes {processes.size}")
"""


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes wrote: a whole run, and one that was broken off and resumed."""
    folder = tmp_path_factory.mktemp("together")
    program = folder / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(program), str(folder)], env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("processes 2") == 2
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state = load_checkpoint(folder)
    assert state is not None
    assert state["step"] == 4
    return state["network"]


@pytest.mark.long
def test_two_processes_train_as_one_with_twice_the_batch_does(together: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    alone = Sam2(PRESETS["mini"])
    initialise(alone)
    before = {name: value.clone() for name, value in alone.state_dict().items()}
    stage = replace(STAGES["overfit"], num_steps=4, clip_share=0.5)
    settings = loop.RunSettings(tmp_path, report_every=2, save_every=2, validate_every=0, num_shards=2)
    loop.train(alone, stage, settings)
    both = weights(together / "whole")
    for name, value in alone.state_dict().items():
        torch.testing.assert_close(both[name], value, rtol=1e-3, atol=2e-5, msg=name)
    assert any(not torch.equal(value, before[name]) for name, value in both.items())


def test_a_run_of_two_processes_resumes_to_the_same_bits(together: Path) -> None:
    whole, broken = weights(together / "whole"), weights(together / "broken")
    assert all(torch.equal(value, broken[name]) for name, value in whole.items())
    rows = [(together / run / "losses.csv").read_text().splitlines() for run in ("whole", "broken")]
    # All but the last column, the pace.
    assert [row.rsplit(",", 1)[0] for row in rows[0]] == [row.rsplit(",", 1)[0] for row in rows[1]]
    assert len(rows[0]) == 3


def test_two_shards_are_one_batch_of_twice_the_size() -> None:
    """With mask prompts nothing is drawn for single objects, so that the batches can be compared number by number."""
    stage = replace(STAGES["overfit"], mask_share=1.0, min_corrections=0, max_corrections=0)
    generator = ClipGenerator(seed=0, num_surfaces=4)
    one, two = (generator.batch(step, ClipShape(1, 3, 2, 64)) for step in range(2))
    joined = ClipBatch(torch.cat([one.frames, two.frames]), torch.cat([one.masks, two.masks]))
    gradients = []
    for step in (loop.Step((0, 0), {0: one, 1: two}, num_shards=2), loop.Step((0, 0), {0: joined})):
        torch.manual_seed(0)
        network = Sam2(replace(PRESETS["mini"], dropout=0.0)).train()
        initialise(network)
        optimiser = build_optimiser(network, replace(stage.optimiser, learning_rate=0.0))
        loop.train_step(network, optimiser, stage, step)
        gradients.append({name: p.grad for name, p in network.named_parameters() if p.grad is not None})
    shards, whole = gradients
    assert shards.keys() == whole.keys()
    for name, gradient in whole.items():
        error = (shards[name] - gradient).norm() / gradient.norm().clamp(min=1e-6)
        assert error < 0.01, (name, float(error))


def test_a_step_that_breaks_in_one_shard_is_skipped_whole() -> None:
    torch.manual_seed(0)
    network = Sam2(PRESETS["mini"]).train()
    initialise(network)
    stage = STAGES["overfit"]
    optimiser = build_optimiser(network, stage.optimiser)
    good = ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(1, 1, 1, 64))
    bad = ClipBatch(good.frames * float("nan"), good.masks)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    row = loop.train_step(network, optimiser, stage, loop.Step((0, 0), {0: good, 1: bad}, num_shards=2))
    assert row["gradient"] != row["gradient"]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_one_process_goes_on_with_what_two_began(together: Path, tmp_path: Path) -> None:
    shutil.copytree(together / "whole", tmp_path / "run")
    stage = replace(STAGES["overfit"], num_steps=5, clip_share=0.5)
    network = Sam2(PRESETS["mini"])
    loop.train(network, stage, loop.RunSettings(tmp_path / "run", report_every=1, validate_every=0))
    state = load_checkpoint(tmp_path / "run")
    assert state is not None
    assert (state["step"], state["num_shards"]) == (5, 2)


def test_shards_that_cannot_be_divided_are_refused() -> None:
    assert list(Team(rank=1, size=2).shards(4)) == [1, 3]
    with pytest.raises(ValueError, match="cannot be divided"):
        Team(rank=0, size=2).shards(3)
