"""A Python source as the rules look at it: where it lies, what it says, the names it uses."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.architecture.repository import ROOT, sources

PRODUCTS = ("backend", "model_server")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Source:
    """One module."""

    path: Path
    """Relative to the root of the checkout."""
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        """The first-level package it lies in, or the model's package: where module names are unique."""
        depth = 3 if self.path.parts[:2] == ("model_server", "models") else 2
        return "/".join(self.path.parts[: min(depth, len(self.path.parts) - 1)])

    def classes(self) -> Iterator[ast.ClassDef]:
        """Classes at the top of the module that others may name."""
        yield from (node for node in self.tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")

    def names(self) -> Iterator[tuple[int, str]]:
        """(line, name) of every identifier: variables, attributes, arguments, keywords, functions, classes, imports."""
        yield from ((1, part) for part in self.path.with_suffix("").parts)
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    yield node.lineno, name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield node.lineno, name
                case ast.keyword(arg=str(name)):
                    yield node.value.lineno, name

    def words(self) -> Iterator[tuple[int, str]]:
        """(line, word in small letters) of every identifier."""
        for line, name in self.names():
            yield from ((line, word.lower()) for word in _WORD.findall(name))


def source(path: str, text: str) -> Source:
    """One that is planted."""
    return Source(Path(path), text)


@cache
def product() -> tuple[Source, ...]:
    """Every module of backend and model server."""
    return tuple(Source(path, (ROOT / path).read_text()) for path in sources(".py") if path.parts[0] in PRODUCTS)
