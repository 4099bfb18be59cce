"""A filter of system calls: those that decoding needs, and for all others a kernel that does not have them.

No sockets of any kind, no programs, no other processes, no mounts, keys or tracing. What is not named is refused, so
that what a later kernel adds is refused, too.
"""

import ctypes
import os
import struct
from dataclasses import dataclass

from backend.videos.media.cage.libc import call
from backend.videos.media.cage.system_calls import ALLOWED, CHECKED

_SET_FILTER, _ALL_THREADS = 1, 1
_ALLOW, _KILL, _NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x00050000 | 38  # 38: ENOSYS
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in seccomp_data
_X32_CALLS = 0x40000000  # the same calls by other numbers
_WHOLE = 0xFFFFFFFF

_CLONE_THREAD = 0x10000
_PR_SET_NAME, _PR_SET_VMA = 15, 0x53564D41
_HARMLESS_REQUESTS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, how long, close
_HARMLESS_COMMANDS = (*range(8), 1030)  # duplicate, flags and locks; not who gets signals


@dataclass(frozen=True, slots=True)
class _Processor:
    architecture: int
    column: int
    seccomp: int


_PROCESSORS = {"x86_64": _Processor(0xC000003E, 0, 317), "aarch64": _Processor(0xC00000B7, 1, 277)}


@dataclass(frozen=True, slots=True)
class _Condition:
    """An argument (its lower 32 bits, under the mask) is one of these values."""

    argument: int
    values: tuple[int, ...]
    mask: int = _WHOLE


def enter() -> None:
    """Install the filter for all threads. It needs `privileges.drop`.

    Raises:
        OSError: the kernel has no such filters, or numbers its calls in a way that is not known here.
    """
    processor = _PROCESSORS.get(os.uname().machine)
    if processor is None:
        raise OSError(f"the system calls of {os.uname().machine} are not known")
    program = b"".join(_program(processor))
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    call("syscall", processor.seccomp, _SET_FILTER, _ALL_THREADS, header)


def _program(processor: _Processor) -> list[bytes]:
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_IF_EQUAL, processor.architecture, then=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_IF_AT_LEAST, _X32_CALLS, otherwise=1),
        _instruction(_RETURN, _NO_SUCH_CALL),
    ]
    for numbers in ALLOWED.values():
        if (number := numbers[processor.column]) is not None:
            program += [_instruction(_IF_EQUAL, number, otherwise=1), _instruction(_RETURN, _ALLOW)]
    for name, condition in _conditions().items():
        if (number := CHECKED[name][processor.column]) is not None:
            program += _checked(number, condition)
    return [*program, _instruction(_RETURN, _NO_SUCH_CALL)]


def _conditions() -> dict[str, _Condition]:
    own = os.getpid()
    return {
        "clone": _Condition(0, (_CLONE_THREAD,), mask=_CLONE_THREAD),
        "prctl": _Condition(0, (_PR_SET_NAME, _PR_SET_VMA)),
        "ioctl": _Condition(1, _HARMLESS_REQUESTS),
        "fcntl": _Condition(1, _HARMLESS_COMMANDS),
        "kill": _Condition(0, (own,)),  # how a crash ends the process
        "tgkill": _Condition(0, (own,)),
        "sched_getaffinity": _Condition(0, (0,)),
        "prlimit64": _Condition(0, (0,)),
    }


def _checked(number: int, condition: _Condition) -> list[bytes]:
    allow = [
        each
        for value in condition.values
        for each in (_instruction(_IF_EQUAL, value, otherwise=1), _instruction(_RETURN, _ALLOW))
    ]
    body = [
        _instruction(_LOAD, _FIRST_ARGUMENT + 8 * condition.argument),
        _instruction(_AND, condition.mask),
        *allow,
        _instruction(_RETURN, _NO_SUCH_CALL),
    ]
    return [_instruction(_IF_EQUAL, number, otherwise=len(body)), *body]


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)
