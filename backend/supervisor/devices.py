"""Which devices the model servers of `maskloom up` run on: a process serves one."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from itertools import cycle, islice

from backend.settings import Settings

_COUNT_GPUS = "import torch; print(torch.cuda.device_count())"
_PATIENCE_SECONDS = 60.0


def model_devices(settings: Settings) -> list[str]:
    """One for every model server: every GPU there is, or the processor, as often as the settings ask for."""
    return shared_out(0 if settings.device == "cpu" else _count_gpus(), settings)


def shared_out(num_gpus: int, settings: Settings) -> list[str]:
    """The device of every model server, where there are so many GPUs to use."""
    devices = [f"cuda:{index}" for index in range(num_gpus)] or [settings.device]
    return list(islice(cycle(devices), settings.model_servers or len(devices)))


def _count_gpus() -> int:
    """In a process of its own: torch takes a second to load, and nothing else here needs it."""
    try:
        if version("torch").endswith("+cpu"):
            return 0
        counted = subprocess.run(
            [sys.executable, "-c", _COUNT_GPUS], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True
        )
        return int(counted.stdout)
    except (PackageNotFoundError, subprocess.SubprocessError, ValueError):
        return 0  # the model server will say what is wrong with its device
