"""When the device has no memory left, or has broken."""

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
    """Whether less to hold would have helped."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and _NO_MEMORY_ON_PROCESSOR in str(error)


def is_broken_device(error: BaseException) -> bool:
    """Whether every further call in this process will fail: an error of the driver or of a kernel stays for good."""
    if isinstance(error, torch.OutOfMemoryError):
        return False
    return isinstance(error, torch.AcceleratorError) or (
        isinstance(error, RuntimeError) and any(sign in str(error) for sign in _BROKEN_DEVICE)
    )


def free_unused() -> None:
    """Give back what torch keeps for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def end_process() -> None:
    """Stop as on SIGTERM, and for certain a little later: whoever supervises the process starts a sound one."""
    log.critical("device.broken")
    stop_hard = threading.Timer(_HARD_EXIT_SECONDS, os._exit, [_HARD_EXIT_STATUS])
    stop_hard.daemon = True
    stop_hard.start()
    os.kill(os.getpid(), signal.SIGTERM)
