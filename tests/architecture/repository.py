"""What the architecture tests look at: the files git tracks, and the root of the checkout."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files git tracks or would track, relative to the root; those deleted on disk left out."""
    return tuple(path for path in _listed() if (ROOT / path).is_file())


def tracked_links() -> tuple[Path, ...]:
    """Symbolic links among them, also those that lead nowhere."""
    return tuple(path for path in _listed() if (ROOT / path).is_symlink())


@cache
def _listed() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(map(Path, listing.stdout.splitlines()))


def sources(*suffixes: str) -> list[Path]:
    """Hand-written sources with one of these suffixes."""
    return [path for path in tracked_files() if path.suffix in suffixes and "generated" not in path.parts]
