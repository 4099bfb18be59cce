"""Processes below another. One that ends while it is looked at is over, which is no error."""

from collections.abc import Iterable
from contextlib import suppress

import psutil


def processes_below(pid: int | None = None, word: str = "") -> list[psutil.Process]:
    """All that live below a process (this one), or those of them whose command has this word in its first words."""
    found: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(pid).children(recursive=True)
    return [process for process in found if not is_over(process) and (not word or _is_command(process, word))]


def is_over(process: psutil.Process) -> bool:
    """It has ended, though its parent may not have noticed."""
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to each that is still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _is_command(process: psutil.Process, word: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(word in each for each in process.cmdline()[:8])
    return False
