"""A sandbox for the decoders: one file to read, one folder to write, no connections (Landlock, on Linux).

If a decoder is tricked into opening anything else, the kernel denies it. Where the kernel has no Landlock, the other
safeguards remain: the forced demuxer, the empty network and the limits.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1}  # by version; a version rejects rights that it does not know
_FILE_RIGHTS_SINCE_3 = (1 << 15) - 1  # includes truncation
_TCP_RIGHTS = 0b11  # bind and connect, since version 4


def enter(*, source: Path, folder: Path) -> bool:
    """Give up access to all other files, irrevocably. Returns False if the kernel does not support it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    rights = _FILE_RIGHTS.get(version, _FILE_RIGHTS_SINCE_3)
    handled = struct.pack("QQ", rights, _TCP_RIGHTS) if version >= 4 else struct.pack("Q", rights)
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return False
    try:
        _allow(libc, ruleset, [source], _READ_FILE)
        _allow(libc, ruleset, [folder], rights & ~_EXECUTE)
        _allow(libc, ruleset, _own_code(), _READ)  # modules that are imported late
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _own_code() -> list[Path]:
    return [path for entry in {sys.prefix, sys.base_prefix, *sys.path} if entry and (path := Path(entry)).is_dir()]


def _allow(libc: ctypes.CDLL, ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)
