"""A private file tree that has the confines at their usual paths, and nothing else."""

import os
from pathlib import Path

from backend.videos.media.cage.confines import Confines
from backend.videos.media.cage.libc import call

_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1 << 5, 1 << 12, 1 << 14, 1 << 18
_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
# Options of a mount that a user namespace may not lift, as statvfs tells them and as mount takes them.
_KEPT = {1: 1, 2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
_STAGE = Path("/tmp")  # any folder that is there: the new tree hides it for a moment


def enter(confines: Confines) -> None:
    """Replace this process's root. It needs mounts of its own (`namespaces.leave`).

    Raises:
        OSError: mounting is not allowed.
    """
    options = dict.fromkeys(confines.code, _READ_ONLY)
    options |= {confines.folder: _NO_PROGRAMS, confines.source: _READ_ONLY | _NO_PROGRAMS}
    places = [(path, path.resolve(), option) for path, option in options.items()]  # while links still lead there
    _mount(None, Path("/"), None, _RECURSIVE | _PRIVATE)
    _mount(b"tmpfs", _STAGE, b"tmpfs", _NO_SUID | _NO_DEVICES, b"mode=0755,size=1m,nr_inodes=4096")
    (_STAGE / "outside").mkdir()
    call("syscall", _PIVOT_ROOT[os.uname().machine], os.fsencode(_STAGE), os.fsencode(_STAGE / "outside"))
    os.chdir("/")
    for path, real, option in places:
        _show(path, Path("/outside") / real.relative_to("/"), option)
    call("umount2", b"/outside", _DETACH)
    Path("/outside").rmdir()
    _mount(None, Path("/"), None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_PROGRAMS)
    os.chdir(confines.folder)


def _show(path: Path, outside: Path, options: int) -> None:
    if outside.is_dir():
        path.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    _mount(os.fsencode(outside), path, None, _BIND | _RECURSIVE)
    present = os.statvfs(path).f_flag
    kept = sum(option for told, option in _KEPT.items() if present & told)
    _mount(None, path, None, _REMOUNT | _BIND | _NO_SUID | _NO_DEVICES | options | kept)


def _mount(source: bytes | None, target: Path, kind: bytes | None, options: int, data: bytes | None = None) -> None:
    call("mount", source, os.fsencode(target), kind, options, data)
