"""A project's raw activity log, produced in pieces because it may be larger than memory."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.db.engine import Sessions
from backend.timing import queries

_COLUMNS = (
    "event_id",
    "order",
    "user_id",
    "session_id",
    "video_id",
    "task_id",
    "masklet_id",
    "frame_index",
    "phase",
    "tool",
    "kind",
    "client_monotonic_ms",
    "client_time",
    "age_seconds",
    "slept_seconds",
    "created_at",
    "payload",
)
_BATCH = 2000


class LogFormat(StrEnum):
    """JSON Lines with one object per event, or CSV with the payload as JSON."""

    jsonl = "jsonl"
    csv = "csv"


async def log_pieces(
    sessions: Sessions, project_id: UUID, form: LogFormat, *, only: UUID | None
) -> AsyncIterator[bytes]:
    """Every event in order of receipt, or only those of person `only`. Each piece is read in a short transaction."""
    if form is LogFormat.csv:
        yield _csv([_COLUMNS]).encode()
    after = 0
    while True:
        async with sessions.begin() as session:
            events = await queries.events_after(session, project_id, after=after, limit=_BATCH, only=only)
            rows = [{name: getattr(event, name) for name in _COLUMNS} for event in events]
        if not rows:
            return
        after = rows[-1]["order"]
        text = _csv([_cells(row) for row in rows]) if form is LogFormat.csv else _json_lines(rows)
        yield text.encode()


def _json_lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, default=_text, separators=(",", ":")) + "\n" for row in rows)


def _cells(row: dict[str, Any]) -> list[Any]:
    tool = row["tool"]  # the only free text; a spreadsheet must not take it for a formula
    plain = row | {
        "payload": json.dumps(row["payload"]),
        "tool": f"'{tool}" if tool and tool[0] in "=+-@\t\r" else tool,
    }
    return [_text(plain[name]) for name in _COLUMNS]


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _text(value: Any) -> Any:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
