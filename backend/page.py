"""Pages of lists. An answer that is not the last page names the next one in its Link header (RFC 8288, rel="next").

A page begins after the sorting keys of the one before it, so rows that come or go meanwhile move no others.
"""

import binascii
import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlalchemy import ColumnElement, Row, RowMapping, Select, and_, literal, or_, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.problems import MaskloomError

Cursor = Annotated[str | None, Query(max_length=2000, description="From the Link header of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=500, description="The most entries of a page.")]
PAGE_SIZE = 100

_T = TypeVar("_T")


class BadCursor(MaskloomError):
    """This is not the cursor of a page of this list."""

    status = 422
    title = "Not a cursor"
    slug = "bad-cursor"


@dataclass(frozen=True, slots=True)
class SortingKey:
    """A column that a list is sorted by. It must not be null."""

    column: ColumnElement[Any]
    falls: bool


def rising(column: Any) -> SortingKey:
    """A key whose smallest value comes first."""
    return SortingKey(column, falls=False)


def falling(column: Any) -> SortingKey:
    """A key whose largest value comes first."""
    return SortingKey(column, falls=True)


class Page:
    """The part of a list that a request asks for. Taking it notes in the answer's headers where the next part begins.

    The keys of a list must tell all of its entries apart.
    """

    def __init__(self, request: Request, response: Response, cursor: str | None, limit: int) -> None:
        self._request = request
        self._response = response
        self._cursor = cursor
        self._limit = limit

    async def rows(
        self, session: AsyncSession, found: Select[*tuple[Any, ...]], *keys: SortingKey
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The part's rows of a query without an order of its own. The keys stand behind the query's columns."""
        rows = (await session.execute(self._part(found, keys))).all()
        return self._shortened(rows, lambda row: row[-len(keys) :])

    async def picked_rows(
        self,
        session: AsyncSession,
        found: Select[*tuple[Any, ...]],
        pick: Callable[[Sequence[Any]], Awaitable[Sequence[_T]]],
        *keys: SortingKey,
    ) -> Sequence[_T]:
        """The same for a list whose order comes from an index, and of whose rows `pick` keeps those that belong to it.

        Only rows up to the end of the part are read, however long the list is. What `pick` makes of a row has its keys
        behind it, too.
        """
        picked: list[_T] = []
        after, number = self._after([key.column.type.python_type for key in keys]), self._limit + 1
        while True:
            rows = (await session.execute(_sorted(found, keys, after).limit(number))).all()
            picked += await pick(rows)
            if len(picked) > self._limit or len(rows) < number:
                return self._shortened(picked[: self._limit + 1], lambda row: tuple(row)[-len(keys) :])  # type: ignore[arg-type]
            after, number = tuple(rows[-1])[-len(keys) :], 2 * number

    async def named_rows(
        self, session: AsyncSession, found: Select[*tuple[Any, ...]], *keys: SortingKey
    ) -> Sequence[RowMapping]:
        """The same by the names of the query's columns."""
        rows = (await session.execute(self._part(found, keys))).mappings().all()
        return self._shortened(rows, lambda row: list(row.values())[-len(keys) :])

    def _part(self, found: Select[*tuple[Any, ...]], keys: Sequence[SortingKey]) -> Select[*tuple[Any, ...]]:
        """The query, sorted, from the part's first row to the one after its last."""
        after = self._after([key.column.type.python_type for key in keys])
        return _sorted(found, keys, after).limit(self._limit + 1)

    def _shortened(self, found: Sequence[_T], keys: Callable[[_T], Sequence[Any]]) -> Sequence[_T]:
        """The part alone, of what was found and may have one entry more."""
        if len(found) <= self._limit:
            return found
        part = found[: self._limit]
        self._name_next(keys(part[-1]))
        return part

    def _name_next(self, keys: Sequence[Any]) -> None:
        cursor = urlsafe_b64encode(json.dumps([_written(key) for key in keys], ensure_ascii=False).encode()).decode()
        following = self._request.url.include_query_params(cursor=cursor)
        self._response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'

    def _after(self, kinds: Sequence[type[Any]]) -> tuple[Any, ...] | None:
        """The sorting keys in the cursor; None for the first page.

        Raises:
            BadCursor: no page of this list made it.
        """
        if self._cursor is None:
            return None
        try:
            keys: Any = json.loads(urlsafe_b64decode(self._cursor.encode()))
            return tuple(_FORMS[kind](key) for kind, key in zip(kinds, keys, strict=True))
        except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise BadCursor from None


async def _page(request: Request, response: Response, cursor: Cursor = None, limit: PageLimit = PAGE_SIZE) -> Page:
    return Page(request, response, cursor, limit)


AskedPage = Annotated[Page, Depends(_page)]
"""For routes that answer with a list."""


def _sorted(
    found: Select[*tuple[Any, ...]], keys: Sequence[SortingKey], after: Sequence[Any] | None
) -> Select[*tuple[Any, ...]]:
    """The query with its keys as columns, in their order, beyond these values of them."""
    if after is not None:
        found = found.where(_beyond(keys, after))
    columns = [key.column.label(f"page_key_{number}") for number, key in enumerate(keys)]
    return found.add_columns(*columns).order_by(*(key.column.desc() if key.falls else key.column for key in keys))


def _beyond(keys: Sequence[SortingKey], after: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row comes after these values."""
    values = [literal(value, key.column.type) for key, value in zip(keys, after, strict=True)]
    if len({key.falls for key in keys}) == 1:  # a comparison of rows, which an index on these columns answers
        here, there = tuple_(*(key.column for key in keys)), tuple_(*values)
        return here < there if keys[0].falls else here > there
    first, value = keys[0], values[0]
    further = first.column < value if first.falls else first.column > value
    return or_(further, and_(first.column == value, _beyond(keys[1:], after[1:])))


def _written(key: Any) -> Any:
    return key.isoformat() if isinstance(key, datetime) else str(key) if isinstance(key, UUID) else key


def _moment(key: Any) -> datetime:
    moment = datetime.fromisoformat(key)
    if moment.tzinfo is None or not 1 < moment.year < 9999:
        raise ValueError(key)
    return moment


def _integer(key: Any) -> int:
    if type(key) is not int or not -(2**31) <= key < 2**31:
        raise ValueError(key)
    return key


def _number(key: Any) -> float:
    if type(key) not in (int, float) or not math.isfinite(key):
        raise ValueError(key)
    return float(key)


def _truth(key: Any) -> bool:
    if type(key) is not bool:
        raise ValueError(key)
    return key


def _text(key: Any) -> str:
    if "\x00" in key.encode().decode():  # what cannot be encoded is no text, and Postgres stores no NUL
        raise ValueError(key)
    return key


_FORMS: dict[type[Any], Callable[[Any], Any]] = {
    datetime: _moment,
    UUID: UUID,
    int: _integer,
    float: _number,
    bool: _truth,
    str: _text,
}
"""How a key of each kind is read from a cursor, which anybody may have written."""
