"""Give up privileges: capabilities, set-user-id programs, keys, and being looked into by others of the same user."""

import os
import struct
from contextlib import suppress

from backend.videos.media.cage.libc import call

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_NUM_CAPABILITIES = 64  # more than any kernel has
_CAPABILITY_VERSION = 0x20080522
_KEYCTL, _JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1


def drop() -> None:
    """Of root only the name remains; nothing that is started gives any of it back."""
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(_NUM_CAPABILITIES):
        with suppress(OSError):  # the kernel does not know it, or this user may not
            call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
    call("capset", struct.pack("Ii", _CAPABILITY_VERSION, 0), bytes(24))
    with suppress(KeyError, OSError):  # another processor, or a kernel without keys
        call("syscall", _KEYCTL[os.uname().machine], _JOIN_SESSION_KEYRING, None)  # an empty one
    call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
