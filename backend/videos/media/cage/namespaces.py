"""Namespaces: a network without interfaces, no other processes, and no shared memory of others."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from backend.videos.media.cage.libc import call

_MOUNTS, _CGROUP, _HOST_NAME, _IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
_USER, _PROCESSES, _NETWORK = 0x10000000, 0x20000000, 0x40000000
_PR_SET_PDEATHSIG = 1
_NOBODY = 65534
_SIGNALLED = 128  # exit statuses above it stand for a signal, as in shells


def leave(*, mounts: bool) -> None:
    """Move to namespaces of our own; with `mounts`, mounting no longer changes anything outside.

    Process ids stay as they are until `descend`.

    Raises:
        OSError: user namespaces are not allowed, or this process has threads.
    """
    others = _CGROUP | _HOST_NAME | _IPC | _NETWORK | _PROCESSES | (_MOUNTS if mounts else 0)
    user, group = os.geteuid(), os.getegid()
    try:
        call("unshare", _USER | others)
    except OSError:
        if user != 0:
            raise
        call("unshare", others)  # root needs no user namespace for the rest
    else:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{_NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{_NOBODY} {group} 1")


def descend() -> None:
    """Go on as the second process of the new process table. The first ends with it, and its end ends all the others.

    It is not the first itself, because the kernel withholds from that one the signals by which a decoder's end is told.
    """
    _go_on_as_child()
    _go_on_as_child()


def _go_on_as_child() -> None:
    child = os.fork()
    if child == 0:
        call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        return
    _end_like(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _end_like(status: int) -> None:
    number = -status if status < 0 else status - _SIGNALLED
    if number > 0:
        with suppress(OSError):  # SIGKILL has no other handler
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # without effect on the first process of a table
        os._exit(_SIGNALLED + number)
    os._exit(status)
