"""Files and functions stay small enough to read in one go (pyproject's linters have no such rules)."""

import ast

import pytest

from tests.architecture.repository import ROOT, sources

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60


@pytest.mark.parametrize("suffixes", [(".py",), (".ts", ".tsx", ".css")], ids=["python", "front end"])
def test_no_file_is_longer_than_300_lines(suffixes: tuple[str, ...]) -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in sources(*suffixes)}
    assert lengths, "no sources found: the listing is broken"
    assert {str(path): n for path, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_no_python_function_is_longer_than_60_lines() -> None:
    too_long = {}
    for path in sources(".py"):
        if path.parts[0] == "migrations":
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    too_long[f"{path}:{node.name}"] = lines
    assert too_long == {}
