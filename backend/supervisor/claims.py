"""Claim what only one Maskloom at a time can have: a data folder and a port."""

import fcntl
import os
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.storage.privacy import make_private
from backend.terminal import TerminalError

_LOCK_NAME = "maskloom.lock"


class Taken(TerminalError):
    """Another program has it; the message tells which one, and what to do."""


class NoDataFolder(TerminalError):
    """What the settings call the data folder is not one, and cannot become one."""


@contextmanager
def data_folder(folder: Path) -> Generator[None]:
    """Hold a data folder's lock while the block lasts. The system releases it if this process is killed.

    Raises:
        Taken: another Maskloom is using the folder.
        NoDataFolder: there is none, and none can be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(folder)
        descriptor = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NoDataFolder(
            f"The data folder {folder} cannot be used: {error.strerror}. Set MASKLOOM_DATA_DIR to a folder of yours."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 64).decode(errors="replace").strip() or "unknown"
            raise Taken(
                f"Another Maskloom (process {owner}) is using {folder}. "
                "Stop it, or set MASKLOOM_DATA_DIR to another folder."
            ) from None
        with suppress(OSError):  # on a full disk the lock holds all the same
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def require_free_port(port: int, *, seconds: float = 5.0) -> None:
    """Wait until a port is free, because a backend that was just killed releases it only after a moment.

    Raises:
        Taken: another program keeps listening on it.
    """
    deadline = time.monotonic() + seconds
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise Taken(
                f"Port {port} is taken by another program. Stop it, or choose another: MASKLOOM_PORT=8010 make up"
            )
        time.sleep(0.1)


def any_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
