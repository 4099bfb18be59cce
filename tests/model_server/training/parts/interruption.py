"""A run of training that is interrupted and goes on, held against one that was not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.training.checkpoints import load_checkpoint


def check_that_an_interrupted_run_ends_alike(
    train: Callable[[Path], object], folder: Path, monkeypatch: pytest.MonkeyPatch, *, saved_at: int
) -> None:
    """Train in two folders, once with an interruption before step 5, when the last checkpoint is that of `saved_at`."""
    train(folder / "whole")
    taken = np.random.default_rng

    def interrupted(seed: list[int]) -> np.random.Generator:
        if seed == [0, 5]:
            raise KeyboardInterrupt
        return taken(seed)

    with monkeypatch.context() as patch:
        patch.setattr(np.random, "default_rng", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(folder / "cut")
    stopped = load_checkpoint(folder / "cut")
    assert stopped is not None
    assert stopped["step"] == saved_at
    train(folder / "cut")
    whole, cut = (load_checkpoint(folder / name) for name in ("whole", "cut"))
    assert whole is not None
    assert cut is not None
    for part in ("network", "average"):
        assert all(torch.equal(value, cut[part][name]) for name, value in whole[part].items())
