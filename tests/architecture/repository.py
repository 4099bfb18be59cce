"""What the architecture tests look at: the files git tracks, and the root of the checkout."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files git tracks or would track, relative to the root; those deleted on disk left out."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(path for line in listing.stdout.splitlines() if (ROOT / (path := Path(line))).is_file())


def sources(*suffixes: str) -> list[Path]:
    """Hand-written sources with one of these suffixes."""
    return [path for path in tracked_files() if path.suffix in suffixes and "generated" not in path.parts]
