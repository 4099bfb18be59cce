"""A Python source as the rules look at it: where it lies, what it says, the names it uses."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.architecture.repository import ROOT, sources

PRODUCTS = ("backend", "model_server")
_SLUG = re.compile(r"[a-z]+(?:[-_./:][a-z]+)*")
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
        """Classes, also private ones and those inside others."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

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
                case ast.alias(name=name, asname=other):
                    yield from ((node.lineno, each) for each in (name, other) if each)
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    yield node.lineno, name

    def slugs(self) -> Iterator[tuple[int, str]]:
        """(line, text) of every string that names something: slugs, keys, columns, events of the log."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SLUG.fullmatch(node.value):
                yield node.lineno, node.value

    def words(self) -> Iterator[tuple[int, str]]:
        """(line, word in small letters) of every identifier and every slug."""
        for line, name in (*self.names(), *self.slugs()):
            yield from ((line, word.lower()) for word in _WORD.findall(name))


def source(path: str, text: str) -> Source:
    """One that is planted."""
    return Source(Path(path), text)


@cache
def everything() -> tuple[Source, ...]:
    """Every module of the repository: products, migrations, tests."""
    return tuple(Source(path, (ROOT / path).read_text()) for path in sources(".py"))


@cache
def product() -> tuple[Source, ...]:
    """Every module of backend and model server."""
    return tuple(module for module in everything() if module.path.parts[0] in PRODUCTS)
