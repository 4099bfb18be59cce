"""Calls of the C library that raise OSError when they fail."""

import ctypes
import os
import sys

_library: ctypes.CDLL | None = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Argument = int | bytes | None
"""What a call takes here: a number, bytes to point at, or a null pointer."""


def call(name: str, *arguments: Argument) -> int:
    """Call a function by its name. Outside Linux it always fails."""
    if _library is None:
        raise OSError(f"{name} exists on Linux only")
    ctypes.set_errno(0)
    result: int = getattr(_library, name)(*(_wide(argument) for argument in arguments))
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


def _wide(argument: Argument) -> ctypes.c_long | bytes | None:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument  # else numbers would pass as 32 bits
