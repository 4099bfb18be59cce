"""What to do when the device has run out of memory or is broken."""

import os
import signal
import threading

import structlog
import torch

log = structlog.get_logger()

_HARD_EXIT_SECONDS = 10.0
_HARD_EXIT_STATUS = 70
_NO_MEMORY_ON_PROCESSOR = "can't allocate memory"
_BROKEN_DEVICE = ("CUDA error", "cuBLAS", "cuDNN", "device-side assert")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error would not have occurred with more free memory."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and _NO_MEMORY_ON_PROCESSOR in str(error)


def is_broken_device(error: BaseException) -> bool:
    """Whether every later call in this process would fail too: errors of the driver or a kernel are permanent."""
    if isinstance(error, torch.OutOfMemoryError):
        return False
    return isinstance(error, torch.AcceleratorError) or (
        isinstance(error, RuntimeError) and any(sign in str(error) for sign in _BROKEN_DEVICE)
    )


def free_unused() -> None:
    """Return the memory that torch keeps for reuse."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def end_process() -> None:
    """Stop as on SIGTERM, and by force a little later; the supervisor then starts a new process."""
    log.critical("device.broken")
    stop_hard = threading.Timer(_HARD_EXIT_SECONDS, os._exit, [_HARD_EXIT_STATUS])
    stop_hard.daemon = True
    stop_hard.start()
    os.kill(os.getpid(), signal.SIGTERM)
