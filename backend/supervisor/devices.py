"""The devices of the model servers of `maskloom up`, one per process."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from itertools import cycle, islice

from backend.settings import Settings

_COUNT_GPUS = "import torch; print(torch.cuda.device_count())"
_PATIENCE_SECONDS = 60.0


def model_devices(settings: Settings) -> list[str]:
    """One device per model server: all GPUs or the processor, repeated as often as the settings ask."""
    return shared_out(0 if settings.device == "cpu" else _count_gpus(), settings)


def shared_out(num_gpus: int, settings: Settings) -> list[str]:
    """The device of each model server, given the number of GPUs."""
    devices = [f"cuda:{index}" for index in range(num_gpus)] or [settings.device]
    return list(islice(cycle(devices), settings.model_servers or len(devices)))


def _count_gpus() -> int:
    """Count GPUs in a separate process, because torch takes a second to load and nothing else here needs it."""
    try:
        if version("torch").endswith("+cpu"):
            return 0
        counted = subprocess.run(
            [sys.executable, "-c", _COUNT_GPUS], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True
        )
        return int(counted.stdout)
    except (PackageNotFoundError, subprocess.SubprocessError, ValueError):
        return 0  # the model server will report what is wrong with its device
