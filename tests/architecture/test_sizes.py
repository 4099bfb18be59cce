"""Files, functions and rooms stay small enough to take in at once (pyproject's linters have no such rules)."""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.repository import ROOT, sources
from tests.architecture.source import Source, everything, source

MAX_FILE_LINES, MEDIAN_FILE_LINES = 400, 120
MAX_FUNCTION_LINES = 60
MAX_MODULES = 15
ROOM_HEADING = "## Large rooms"
"""The heading in a package's page under which a room of more modules is named, with the reason."""


def lengths(*suffixes: str) -> dict[str, int]:
    return {str(path): len((ROOT / path).read_text().splitlines()) for path in sources(*suffixes)}


@pytest.mark.parametrize("suffixes", [(".py",), (".ts", ".tsx", ".css")], ids=["python", "front end"])
def test_no_file_is_longer_than_400_lines(suffixes: tuple[str, ...]) -> None:
    found = lengths(*suffixes)
    assert found, "no sources found: the listing is broken"
    assert {path: count for path, count in found.items() if count > MAX_FILE_LINES} == {}


def test_the_median_module_is_short() -> None:
    for root in ("backend", "model_server", "tests"):
        counts = [count for path, count in lengths(".py").items() if path.startswith(root) and count > 1]
        assert median(counts) <= MEDIAN_FILE_LINES, root


def long_functions(modules: Iterable[Source]) -> dict[str, int]:
    found = {}
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > MAX_FUNCTION_LINES:
                    found[f"{module.path}:{node.name}"] = count
    return found


def test_no_python_function_is_longer_than_60_lines() -> None:
    assert long_functions(everything()) == {}
    long = "def f():\n" + "    pass\n" * MAX_FUNCTION_LINES
    assert long_functions([source("backend/videos/service.py", long)])


def crowded(paths: Iterable[Path], pages: Mapping[str, str]) -> dict[str, int]:
    """Rooms with too many modules for which no page (by its path) gives a reason."""
    rooms = Counter(str(path.parent) for path in paths if path.stem not in ("__init__", "__main__", "conftest"))
    reasons = {
        room
        for page in pages.values()
        for line in page.partition(ROOM_HEADING)[2].partition("\n## ")[0].splitlines()
        for room in rooms
        if line.startswith(f"- `{room}`")
    }
    return {room: count for room, count in rooms.items() if count > MAX_MODULES and room not in reasons}


def is_module(path: Path) -> bool:
    """Styles and tests that lie beside a component belong to it."""
    if path.parts[0] == "frontend":
        return path.suffix in (".ts", ".tsx") and ".test." not in path.name
    return path.suffix == ".py" and path.parts[0] in ("backend", "model_server", "tests")


def test_no_room_is_crowded_without_a_reason() -> None:
    pages = {str(path): (ROOT / path).read_text() for path in sources(".md")}
    assert crowded((path for path in sources(".py", ".ts", ".tsx") if is_module(path)), pages) == {}


def test_a_planted_crowd_is_found() -> None:
    paths = [Path(f"backend/videos/{number}.py") for number in range(MAX_MODULES + 1)]
    assert crowded(paths, {"backend/README.md": "`backend/videos` is large\n"}) == {"backend/videos": MAX_MODULES + 1}
    page = f"{ROOM_HEADING}\n\n- `backend/videos`: sixteen kinds of file.\n"
    assert crowded(paths, {"backend/README.md": page}) == {}
