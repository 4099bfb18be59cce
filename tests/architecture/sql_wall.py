"""Where SQL stands in Python source: what is read in `queries` modules only, and nothing at all in routers.

Pure functions of source text, so that a planted violation can be shown to be caught.
"""

import ast
from collections.abc import Iterator

_READS = {"select", "exists", "text", "union", "union_all", "Select", "distinct_on"}
_SESSION_READS = {"get", "get_one"}


def reads_of(source: str) -> list[str]:
    """What reads from the database: names taken from SQLAlchemy that begin a SELECT, and `session.get(...)`."""
    tree = ast.parse(source)
    return sorted({*_imported(tree, _READS), *_session_reads(tree)})


def imports_sqlalchemy(source: str) -> bool:
    """Whether anything of SQLAlchemy is imported."""
    return any(True for _ in _modules(ast.parse(source)))


def _imported(tree: ast.AST, names: set[str]) -> Iterator[str]:
    for node in _modules(tree):
        if isinstance(node, ast.Import):
            yield "import sqlalchemy"  # whatever is used of it later cannot be told from here
        else:
            yield from (alias.name for alias in node.names if alias.name in names)


def _modules(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import | ast.ImportFrom) and any(n.split(".")[0] == "sqlalchemy" for n in names):
            yield node


def _session_reads(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SESSION_READS:
            receiver = node.func.value
            if isinstance(receiver, ast.Name) and receiver.id == "session":
                yield f"session.{node.func.attr}"
