"""The files inside the cage: one to read, one folder to write, and the code that runs."""

import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = Path(__file__).absolute().parents[1]


@dataclass(frozen=True, slots=True)
class Confines:
    """Paths as the program names them; they may lead through links.

    `code` is what may be imported late: this program and what is installed beside it, not the rest of Maskloom.
    """

    source: Path
    folder: Path
    code: tuple[Path, ...]


def confines(*, source: Path, folder: Path) -> Confines:
    named = sysconfig.get_paths()
    libraries = [named[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    installed = [*libraries, *site.getsitepackages(), site.getusersitepackages()]
    imported = {Path(entry).absolute() for entry in installed if entry in sys.path or entry in libraries}
    code = sorted(path for path in {*imported, _PROGRAM} if path.is_dir())
    return Confines(source.absolute(), folder.absolute(), tuple(path for path in code if not _is_inside(path, code)))


def _is_inside(path: Path, others: list[Path]) -> bool:
    return any(path != other and path.is_relative_to(other) for other in others)
