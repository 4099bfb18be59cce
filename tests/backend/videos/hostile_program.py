"""The media program taken over: instead of decoding it tries to get out of its cage, and prints what it reached.

It is started as the media program is, and enters through the same door; only then the attack takes the decoders' place.
What it may use is loaded before: inside, only the media program and installed packages can be imported.
"""

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from backend.videos.media import __main__ as media_program
from backend.videos.media import transcoder
from backend.videos.media.protocol import Options, Unusable

PTRACE_SEIZE = 0x4206
SHM_RDONLY = 0o10000
KEYCTL, READ_KEY = {"x86_64": 250, "aarch64": 219}, 11


@dataclass(frozen=True)
class Targets:
    """What somebody outside keeps. Nothing but `planted` and `victim` would suffer if an attack succeeded."""

    walked: list[str]  # folders from which to look for files
    roots: list[str]  # folders whose files are tried, but that are not walked further, because they are large
    files: list[str]  # files of the system and of Maskloom, to be read
    planted: list[str]  # files and folders of another person, to be read and destroyed
    unix_sockets: list[str]
    abstract_socket: str
    tcp_port: int
    udp_port: int
    victim: int  # a process of the same user
    shared_memory: int
    key: int


def main(source: str, folder: str, options: str, targets: str) -> None:
    parent = os.getppid()

    def attack(_path: Path, inside: Path, _options: Options, _report: object) -> None:
        found = everything(Targets(**json.loads(targets)), inside, parent)
        print(json.dumps({name: sorted(map(str, reached)) for name, reached in found.items()}))
        raise Unusable("was an attack")

    transcoder.transcode = attack  # type: ignore[assignment]
    media_program.main(source, folder, options)


def everything(aim: Targets, folder: Path, parent: int) -> dict[str, Any]:
    return {
        "read": set(read_files(aim)),
        "known": {path for path in [*aim.files, *aim.planted] if os.path.exists(path) and not os.path.isdir(path)},
        "processes listed": {name for name in listed("/proc") if name.isdigit()},
        "connected": those_that_succeed(connections(aim)),
        "sockets": those_that_succeed(socket_kinds()),
        "touched": those_that_succeed(grips(aim, folder, parent)),
        "made": made_in(folder, aim),
        "started": those_that_succeed({"child": fork, "program": run_program, "namespace": new_namespace}),
        "environment": set(os.environ),
        "descriptors": {number for number in range(256) if succeeds(os.fstat, number)},
        "written": set(written_places(aim, folder)),  # last, because it destroys
    }


def read_files(aim: Targets) -> Iterator[str]:
    """Every file that opens: those that are named, and those found by walking."""
    seen: set[str] = set()
    for start in [*aim.walked, *aim.roots]:
        for path in walk(start, aim.roots, seen):
            if os.path.isfile(path) and succeeds(read_a_byte, path):
                yield os.path.abspath(path)
    yield from (path for path in [*aim.files, *aim.planted] if succeeds(read_a_byte, path))


def walk(path: str, roots: list[str], seen: set[str]) -> Iterator[str]:
    """Not into the kernel's own trees: reading there may do something."""
    if path in seen or len(seen) > 20_000 or path in ("/proc", "/sys", "/dev"):
        return
    seen.add(path)
    if path in roots:
        found = (os.path.join(folder, name) for folder, _folders, names in os.walk(path) for name in names)
        yield from islice(found, 50)
        return
    yield path
    for name in listed(path):
        yield from walk(os.path.join(path, name), roots, seen)


def listed(path: str) -> list[str]:
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            return os.listdir(path)
    return []


def read_a_byte(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise IsADirectoryError(path)
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def written_places(aim: Targets, folder: Path) -> Iterator[str]:
    """Folders in which a file can be made, files that open for writing, and other people's that suffer a change."""
    for place in [*aim.roots, *aim.planted, str(folder)]:
        if os.path.isdir(place) and succeeds(make_and_remove, os.path.join(place, ".hostile")):
            yield place
        for name in listed(place)[:20]:
            path = os.path.join(place, name)
            if os.path.isfile(path) and succeeds(lambda path=path: os.close(os.open(path, os.O_WRONLY))):
                yield path
    changes: dict[str, Callable[[str], Any]] = {
        "dated": os.utime,
        "opened to all": lambda path: os.chmod(path, 0o666),
        "cut": lambda path: os.truncate(path, 0),
        "emptied": lambda path: os.close(os.open(path, os.O_RDONLY | os.O_TRUNC)),
        "deleted": os.unlink,
    }
    for name, change in changes.items():
        yield from (f"{name}: {path}" for path in aim.planted if os.path.isfile(path) and succeeds(change, path))


def make_and_remove(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(path)


def made_in(folder: Path, aim: Targets) -> set[str]:
    """Files that would fool whoever takes the results."""
    kinds: dict[str, Callable[[], Any]] = {
        "symbolic link": lambda: os.symlink(aim.planted[0], folder / "symbolic"),
        "hard link": lambda: os.link(aim.planted[0], folder / "hard"),
        "pipe": lambda: os.mkfifo(folder / "pipe"),
        "device": lambda: os.mknod(folder / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
    }
    return those_that_succeed(kinds)


def connections(aim: Targets) -> dict[str, Callable[[], Any]]:
    return {
        **{path: lambda path=path: connect(socket.AF_UNIX, path) for path in aim.unix_sockets},
        "socket with a name": lambda: connect(socket.AF_UNIX, "\0" + aim.abstract_socket),
        "TCP": lambda: connect(socket.AF_INET, ("127.0.0.1", aim.tcp_port)),
        "UDP": lambda: send("127.0.0.1", aim.udp_port),
        "TCP to another machine": lambda: connect(socket.AF_INET, ("192.0.2.1", 80)),
    }


def connect(family: int, address: Any) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as ours:
        ours.settimeout(0.5)
        try:
            ours.connect(address)
        except TimeoutError:
            return  # it is on its way


def send(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.sendto(b"out", (host, port))


def socket_kinds() -> dict[str, Callable[[], Any]]:
    kinds = {
        "unix": (socket.AF_UNIX, socket.SOCK_STREAM),
        "inet": (socket.AF_INET, socket.SOCK_STREAM),
        "inet6": (socket.AF_INET6, socket.SOCK_DGRAM),
        "netlink": (socket.AF_NETLINK, socket.SOCK_RAW),
        "packet": (socket.AF_PACKET, socket.SOCK_RAW),
    }
    return {name: lambda kind=kind: socket.socket(*kind).close() for name, kind in kinds.items()} | {
        "pair": lambda: [each.close() for each in socket.socketpair()]
    }


def grips(aim: Targets, folder: Path, parent: int) -> dict[str, Callable[[], Any]]:
    """Ways to see, disturb or read another process, tried on one of the same user and on who started this one."""
    libc = ctypes.CDLL(None, use_errno=True)

    def c(name: str, *arguments: Any) -> None:
        if getattr(libc, name)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), name)

    on_process: dict[str, Callable[[int], Any]] = {
        "signal": lambda pid: os.kill(pid, 0),
        "trace": lambda pid: c("ptrace", PTRACE_SEIZE, pid, 0, 0),
        "handle": lambda pid: os.close(os.pidfd_open(pid)),
        "limits": lambda pid: resource.prlimit(pid, resource.RLIMIT_CORE),
        "priority": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 15),
        "processors": os.sched_getaffinity,
        "group": os.getpgid,
        "input and output signal": own_pipe,
        "environment": lambda pid: read_a_byte(f"/proc/{pid}/environ"),
        "status": lambda pid: read_a_byte(f"/proc/{pid}/status"),
    }
    tried = {
        f"{name} of the {who}": lambda grip=grip, pid=pid: grip(pid)
        for name, grip in on_process.items()
        for who, pid in (("victim", aim.victim), ("parent", parent))
    }
    libc.shmat.restype = ctypes.c_long
    return tried | {
        "shared memory": lambda: c("shmat", aim.shared_memory, None, SHM_RDONLY),
        "mount": lambda: c("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", 0, None),
        "host name": lambda: socket.sethostname(socket.gethostname()),
        "key": lambda: c("syscall", KEYCTL[os.uname().machine], READ_KEY, aim.key, None, 0),
    }


def own_pipe(pid: int) -> None:
    """Let the kernel send SIGIO to another process whenever this pipe has news."""
    reading, writing = os.pipe()
    try:
        fcntl.fcntl(reading, fcntl.F_SETOWN, pid)
    finally:
        os.close(reading)
        os.close(writing)


def fork() -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


def run_program() -> None:
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})
    os.kill(child, signal.SIGKILL)


def new_namespace() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == -1:
        raise OSError


def those_that_succeed(actions: dict[str, Callable[[], Any]]) -> set[str]:
    return {name for name, action in actions.items() if succeeds(action)}


def succeeds(action: Callable[..., Any], *arguments: Any) -> bool:
    try:
        action(*arguments)
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:5])
