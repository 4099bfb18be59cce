"""What a measurement ran on, and how fast that is at its best."""

from __future__ import annotations

import datetime
import os
import platform
import resource
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode


def describe(device: torch.device, packages: tuple[str, ...] = ("torch",)) -> str:
    """One line: processor or GPU, threads, versions, date."""
    chip = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    threads = f"{torch.get_num_threads()} of {os.cpu_count()} threads"
    return f"{chip}, {threads}, Python {platform.python_version()}, {versions}, {datetime.date.today()}"


def is_quiet() -> bool:
    """Whether the machine has a core to spare for what is measured; timings of a busy one mean little."""
    return os.getloadavg()[0] <= (os.cpu_count() or 1) - torch.get_num_threads() + 0.5


def peak_rss_bytes() -> int:
    """The most memory this process has held so far.

    Where there is no /proc, that of the process which started this one, if it was more: exec does not reset the usage.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes * 1024


def peak_operations_per_second(device: torch.device, dtype: torch.dtype = torch.float32) -> float:
    """Of a large matrix product: what the network's own operations cannot exceed."""
    side = 8192 if device.type == "cuda" else 1536
    matrix = torch.randn(side, side, device=device, dtype=dtype)
    best = min(_seconds(lambda: matrix @ matrix, device) for _ in range(5))
    return 2 * side**3 / best


def peak_bytes_per_second(device: torch.device) -> float:
    """Of copying far more than the caches hold, reading and writing counted."""
    source = torch.ones(2**28 if device.type == "cuda" else 2**26, device=device)
    target = torch.empty_like(source)
    best = min(_seconds(lambda: target.copy_(source), device) for _ in range(5))
    return 2 * source.numel() * source.element_size() / best


def operations(run: Callable[[], object]) -> int:
    """Multiplications and additions of the matrix products in `run()`."""
    with FlopCounterMode(display=False) as counter, torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        run()
    return counter.get_total_flops()


def now(device: torch.device) -> float:
    """Seconds; on one processor thread those it worked, so that others on the machine do not count."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.process_time() if device.type == "cpu" and torch.get_num_threads() == 1 else time.perf_counter()


def _seconds(run: Callable[[], object], device: torch.device) -> float:
    start = now(device)
    run()
    return now(device) - start


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
