"""Where SQL stands in Python source: what is read in `queries` modules only, and nothing at all in routers.

Pure functions of source text, so that a planted violation can be shown to be caught.
"""

import ast
from collections.abc import Iterator

DRIVERS = {"sqlalchemy", "psycopg", "psycopg_pool", "asyncpg"}
_NO_READ = {
    "AsyncEngine", "AsyncSession", "ColumnElement", "RowMapping", "SQLColumnExpression", "Session",
    "async_sessionmaker", "create_async_engine", "delete", "event", "func", "insert", "make_url", "sessionmaker",
    "update",
}  # fmt: skip
"""What a module that reads nothing may take from SQLAlchemy, besides its errors: types, writes, the engine."""
_READING_METHODS = {"exec_driver_sql", "get_one", "scalar", "scalars", "stream_scalars"}
_SESSIONS = {"connection", "db", "session"}


def reads_of(source: str) -> list[str]:
    """What reads from the database: names that a SELECT may begin with, and calls that fetch rows."""
    tree = ast.parse(source)
    return sorted({*_imported(tree), *_fetches(tree)})


def fetches_of(source: str) -> list[str]:
    """Calls that fetch rows, whatever is imported."""
    return sorted({*_fetches(ast.parse(source))})


def imports_sqlalchemy(source: str) -> bool:
    """Whether anything of SQLAlchemy, or of a driver below it, is imported."""
    return any(True for _ in _imports(ast.parse(source)))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in _imports(tree):
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name}" for alias in node.names)  # what is used of it cannot be told from here
        elif node.module != "sqlalchemy.exc":
            yield from (alias.name for alias in node.names if alias.name not in _NO_READ)


def _imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import | ast.ImportFrom) and any(n.split(".")[0] in DRIVERS for n in names):
            yield node


def _fetches(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr in _READING_METHODS | {"__table__"}:
                yield f".{node.attr}"
            elif node.attr == "get" and _last_name(node.value).strip("_") in _SESSIONS:
                yield "session.get"


def _last_name(node: ast.expr) -> str:
    """`session` of `session` and of `self._session`, without underscores."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
