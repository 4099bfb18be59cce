"""What a list asks of Postgres: a long page takes as many statements as a short one; no large table is read whole."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backend.app import create_app
from backend.db.engine import Sessions
from backend.settings import Settings
from tests.backend.plans import recorded_selects
from tests.backend.platform.long_lists import make_long_lists
from tests.backend.running import RunningBackend
from tests.backend.statements import counted_statements

_LARGE = ("activity_events", "frame_changes", "frame_masks", "frame_states", "prompt_sets", "runs")
"""Not `actions`: where they are few, Postgres reads a person's once instead of each masklet's."""

_QUEUES = ["/api/projects/{project_id}/tasks", "/api/projects/{project_id}/review", "/api/tasks/returned"]


def _scanned(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from one end to the other."""
    if isinstance(plan, list):
        for each in plan:
            yield from _scanned(each)
    elif isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield plan["Relation Name"]
        for each in plan.values():
            yield from _scanned(each)


@pytest.mark.parametrize("path", _QUEUES)
async def test_the_queue_searches_no_large_table(workplace: RunningBackend, sessions: Sessions, path: str) -> None:
    """Not even for what one of its rows needs."""
    made = await make_long_lists(sessions)
    with recorded_selects() as statements:
        answer = await workplace.client.get(path.format(**made.ids))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) >= 7
    scanned: list[str] = []
    async with sessions() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables are else read whole
        for statement, parameters in statements:
            found = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            plan = found.scalar_one()
            scanned += _scanned(json.loads(plan) if isinstance(plan, str) else plan)
    assert [table for table in scanned if table.startswith(_LARGE)] == []


async def test_a_longer_page_takes_no_more_statements(workplace: RunningBackend, sessions: Sessions) -> None:
    made = await make_long_lists(sessions)
    paths: dict[str, Any] = create_app(Settings()).openapi()["paths"]
    for path, methods in paths.items():
        if {"cursor", "limit"} <= {each["name"] for each in methods.get("get", {}).get("parameters", ())}:
            numbers: list[int] = []
            for limit in (1, 7, 1, 7):  # each once before, so that what is cached is cached
                with counted_statements() as statements:
                    answer = await workplace.client.get(path.format(**made.ids), params={"limit": limit})
                assert len(answer.json()) == limit, path
                numbers.append(len(statements))
            assert numbers[2] == numbers[3] <= 10, (path, statements)
