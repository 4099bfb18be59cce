"""Every module says in its first sentence what it is for, and docstrings begin with what a thing is or does."""

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.source import Source, everything, product, source


def without_a_sentence(modules: Iterable[Source]) -> list[str]:
    """Modules that do not begin by saying, in one sentence, what they are for."""
    offenders = []
    for module in modules:
        described = (ast.get_docstring(module.tree) or "").split("\n\n")[0].rstrip()
        if module.text.strip() and not described.endswith((".", "?", ":", ")")):
            offenders.append(str(module.path))
    return offenders


def test_every_module_begins_with_a_sentence() -> None:
    assert without_a_sentence(everything()) == []


@pytest.mark.parametrize("text", ["x = 1", '"""Videos"""', '"""\n"""\nx = 1'])
def test_a_planted_module_without_a_sentence_is_found(text: str) -> None:
    assert without_a_sentence([source("backend/videos/service.py", text)])


def bare_raises(modules: Iterable[Source]) -> list[str]:
    """Docstrings that begin with their errors instead of with what the thing is or does."""
    return [
        f"{module.path}:{getattr(node, 'lineno', 1)}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (ast.get_docstring(node) or "").startswith("Raises")
    ]


def test_no_docstring_begins_with_its_errors() -> None:
    assert bare_raises(product()) == []
    assert bare_raises([source("backend/videos/service.py", 'def find():\n    """Raises: NotFound."""')])
