"""Data-parallel training: processes started by torchrun that train one network together.

Every process holds the whole network and works on some of the shards of a step. The gradient is the mean over all
shards, so that the number of processes changes a run by rounding only; with the same number it is the same to the bit.
DistributedDataParallel is not used: it expects one call of the network per step, but here the network is called for
every click on every frame.
"""

# torch types the functions of its distributed package partly.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn

BUCKET_NUMBERS = 8_000_000  # summed at once: few messages, and little memory on top of the gradients
PATIENCE = timedelta(hours=2)  # the first process validates alone while the others wait


@dataclass(frozen=True, slots=True)
class Team:
    """This process and the group it trains in."""

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def leads(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    def shards(self, num_shards: int) -> range:
        """The shards of this process. Raises ValueError unless they can be divided evenly among the processes."""
        if num_shards % self.size:
            raise ValueError(f"{num_shards} shards cannot be divided among {self.size} processes")
        return range(self.rank, num_shards, self.size)

    def add_up(self, numbers: Tensor) -> Tensor:
        """Sum a tensor over all processes, in place; the result has the same bits in each."""
        if self.size > 1:
            distributed.all_reduce(numbers)
        return numbers

    def add_up_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Sum the gradients over all processes; if none has one, it stays None, and AdamW leaves the weight alone."""
        if self.size == 1:
            return
        has = torch.tensor([float(p.grad is not None) for p in parameters], device=self.device)
        wanted = [p for p, count in zip(parameters, self.add_up(has).cpu().numpy(), strict=True) if count]
        for bucket in _buckets(wanted):
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            pieces = torch.split(self.add_up(flat), [p.numel() for p in bucket])
            for parameter, piece in zip(bucket, pieces, strict=True):
                parameter.grad = piece.view_as(parameter).clone()

    def wait(self) -> None:
        """Block until all processes have arrived."""
        if self.size > 1:
            distributed.barrier()


ALONE = Team()


@contextmanager
def team(device: str = "auto") -> Generator[Team]:
    """Join the processes that torchrun started, or train alone. `device` is "auto", "cpu" or "cuda"."""
    rank, size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    on_gpu = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    place = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(place)
    if size == 1:
        yield Team(device=place)
        return
    distributed.init_process_group("nccl" if on_gpu else "gloo", timeout=PATIENCE)
    try:
        yield Team(rank, size, place)
    finally:
        distributed.destroy_process_group()


def _buckets(parameters: Sequence[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    bucket: list[nn.Parameter] = []
    for parameter in parameters:
        if bucket and sum(p.numel() for p in bucket) + parameter.numel() > BUCKET_NUMBERS:
            yield bucket
            bucket = []
        bucket.append(parameter)
    if bucket:
        yield bucket
