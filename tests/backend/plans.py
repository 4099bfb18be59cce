"""What Postgres does for a request: the rows that its statements really go through, table by table."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Engine, event

from backend.db.engine import Sessions


@contextmanager
def recorded_selects() -> Iterator[list[tuple[str, Any]]]:
    """The queries that requests cause, with their parameters, while the block lasts."""
    recorded: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "request_id" in structlog.contextvars.get_contextvars() and statement.startswith("SELECT"):
            recorded.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield recorded
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def rows_examined(sessions: Sessions, request: Callable[[], Awaitable[object]]) -> Counter[str]:
    """By table: the rows that the request's queries read, also those that they then leave out."""
    with recorded_selects() as statements:
        await request()
    examined: Counter[str] = Counter()
    async with sessions() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables are else read whole
        for statement, parameters in statements:
            found = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            plan = found.scalar_one()
            examined.update(_examined(json.loads(plan) if isinstance(plan, str) else plan))
        await session.rollback()
    return examined


def _examined(plan: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    if isinstance(plan, list):
        for each in plan:
            found.update(_examined(each))
    elif isinstance(plan, dict):
        if "Relation Name" in plan:
            read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
            read += plan.get("Rows Removed by Index Recheck", 0)
            found[plan["Relation Name"]] += round(read * plan["Actual Loops"])
        for each in plan.values():
            found.update(_examined(each))
    return found
