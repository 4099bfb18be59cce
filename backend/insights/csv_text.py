"""Write rows as CSV. Pure functions."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(row_type: type[BaseModel], rows: Sequence[BaseModel]) -> str:
    """A header and one line per row. Nested values get their own columns: `alignment_value`, `alignment_low`."""
    columns = list(_columns(row_type))
    return lines(columns, (dict(_flat(row.model_dump(mode="json"))) for row in rows), header=True)


def lines(columns: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Quote a text that a spreadsheet would run as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _columns(row_type: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in row_type.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            yield from _columns(nested, f"{prefix}{name}_")
        else:
            yield prefix + name


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{prefix}{name}_")
        else:
            yield prefix + name, value
