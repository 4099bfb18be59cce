"""A small file system of a test's own, to be filled and emptied again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PIECE_BYTES = 1024 * 1024


@dataclass
class SmallDisk:
    """Its own files lie in `folder`; a ballast file takes the rest."""

    folder: Path

    def fill(self) -> None:
        """Not a byte is left."""
        with self._ballast.open("ab", buffering=0) as file:
            size = _PIECE_BYTES
            while size:
                try:
                    if file.write(b"\0" * size) < size:
                        raise OSError
                except OSError:
                    size //= 2

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)

    @property
    def free_bytes(self) -> int:
        return os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(folder: Path, *, num_bytes: int) -> Iterator[SmallDisk]:
    """In memory, for as long as the block lasts. The test is skipped where this machine may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={num_bytes},mode=0755", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount program here, so no small disk")
    if mounted.returncode != 0:
        pytest.skip(f"no small disk may be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
