"""Try each wall in a process of its own, and print a JSON object: what is wrong with those that cannot be built."""

import json
import os
import tempfile
from pathlib import Path

from backend.videos.media.cage.entrance import enter
from backend.videos.media.cage.walls import Wall

_NEEDS = {Wall.file_tree: (Wall.namespaces,)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.touch()
        problems = {wall: _problem_of(wall, source) for wall in Wall}
    print(json.dumps({wall: problem for wall, problem in problems.items() if problem}))


def _problem_of(wall: Wall, source: Path) -> str:
    """Why the wall cannot be built here; empty if it can."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        _try(wall, source)
    os.close(writing)
    with os.fdopen(reading) as answer:
        problem = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return problem or (f"the trial ended with status {status}" if status else "")


def _try(wall: Wall, source: Path) -> None:
    try:
        enter({wall, *_NEEDS.get(wall, ())}, source=source, folder=source.parent)
        os._exit(0)
    except OSError as error:
        os.write(1, str(error).encode())
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
