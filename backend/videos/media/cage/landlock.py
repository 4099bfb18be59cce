"""Landlock: the kernel denies every file but those named here, connections, and signals to processes outside."""

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from backend.videos.media.cage.confines import Confines
from backend.videos.media.cage.libc import call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_NEEDED_VERSION = 3  # before it, files outside could still be cut to nothing

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
_READ = _READ_FILE | _READ_DIR
# Plain files and folders only. Whoever takes the results would follow a link, and wait for ever at a pipe.
_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE

# By version: how many rights on files it knows (it rejects others), and whether it knows those on TCP and the scopes.
_NUM_FILE_RIGHTS = {3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 8: 16}
_NUM_FILE_RIGHTS_SINCE_9 = 17  # includes sockets that have a path
_TCP_SINCE, _BIND_AND_CONNECT = 4, 0b11
_SCOPES_SINCE, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11


def enter(confines: Confines) -> None:
    """Give up access to everything outside the confines, irrevocably.

    Raises:
        OSError: the kernel has no Landlock, or one that is too old.
    """
    version = call("syscall", _CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < _NEEDED_VERSION:
        raise OSError(f"the kernel has version {version} of Landlock, and {_NEEDED_VERSION} is needed")
    handled = _handled(version)
    ruleset = call("syscall", _CREATE_RULESET, handled, len(handled), 0)
    try:
        _allow(ruleset, [confines.source], _READ_FILE)
        _allow(ruleset, [confines.folder], _WRITE)
        _allow(ruleset, confines.code, _READ)  # modules that are imported late
        call("syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _handled(version: int) -> bytes:
    fields = [(1 << _NUM_FILE_RIGHTS.get(version, _NUM_FILE_RIGHTS_SINCE_9)) - 1]
    if version >= _TCP_SINCE:
        fields.append(_BIND_AND_CONNECT)
    if version >= _SCOPES_SINCE:
        fields.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    return struct.pack(f"{len(fields)}Q", *fields)


def _allow(ruleset: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            call("syscall", _ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)
