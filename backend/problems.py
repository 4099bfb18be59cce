"""Problems: errors that a caller should understand, each with an exception class and an RFC 9457 body."""

from collections.abc import Mapping, Sized
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 100  # in one answer


class Problem(BaseModel):
    """The body of every error (RFC 9457). `type` ends in the problem's slug; there may be further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


class MaskloomError(Exception):
    """The base of all errors that a caller should understand.

    Subclass it with a docstring, whose first line is the default detail, and the three attributes.
    """

    status: ClassVar[int]
    title: ClassVar[str]
    slug: ClassVar[str]
    retry_after_seconds: int | None = None  # set by those after which the same request may succeed later

    def __init__(self, detail: str = "", *, extra: Mapping[str, Any] | None = None) -> None:
        """`extra` members are added to the body, such as the current version of an edited masklet."""
        super().__init__(detail or self.title)
        self.detail = detail or (type(self).__doc__ or self.title).strip().splitlines()[0]
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        return problem_body(self.status, self.slug, self.title, self.detail) | self.extra

    def response(self) -> JSONResponse:
        """The problem as an answer, which says when to repeat the request if that may help."""
        after = self.retry_after_seconds
        return _answer(self.body(), None if after is None else {"Retry-After": str(after)})


class NotFound(MaskloomError):
    """It does not exist, or no longer."""

    status = 404
    title = "Not found"
    slug = "not-found"


class IdempotencyKeyReused(MaskloomError):
    """The same Idempotency-Key came before with another request."""

    status = 409
    title = "This idempotency key belongs to another request"
    slug = "idempotency-key-reused"


def problem_body(status: int, slug: str, title: str, detail: str) -> dict[str, Any]:
    """The members that every problem has."""
    return {"type": f"urn:maskloom:problem:{slug}", "title": title, "status": status, "detail": detail}


def problems(*errors: type[MaskloomError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that can end in these errors. Several may share a status."""
    by_status: dict[int | str, list[type[MaskloomError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        status: {"model": Problem, "description": "; ".join(f"`{error.slug}`: {error.title}" for error in group)}
        for status, group in by_status.items()
    }


def install(app: FastAPI) -> None:
    """Answer all expected exceptions with a problem. `RequestLog` answers the others."""
    app.add_exception_handler(MaskloomError, _on_known)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(HTTPException, _on_http)


def _answer(body: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status_code=int(body["status"]), media_type=MEDIA_TYPE, headers=headers)


async def _on_known(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MaskloomError)
    return error.response()


async def _on_malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Report where and what, but not the value, which may be large or private.
    told = error.errors()[:_MOST_ERRORS]
    errors = [{"loc": list(item["loc"]), "msg": _in_words(item)} for item in told]
    first = errors[0] if errors else {"loc": ["request"], "msg": "malformed"}
    detail = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return _answer(problem_body(422, "malformed-request", "The request is malformed", detail) | {"errors": errors})


def _in_words(error: Mapping[str, Any]) -> str:
    """What is wrong with a member. Of a list that is too long, a person should learn the limit."""
    if error["type"] != "too_long" or not isinstance(error["input"], Sized):
        return error["msg"]
    *_, name = [part for part in error["loc"] if isinstance(part, str)]
    kind = name.removesuffix("_ids").replace("_", " ")
    return f"at most {error['ctx']['max_length']:,} ({kind}) are taken at once; these are {len(error['input']):,}"


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    slug = status.phrase.lower().replace(" ", "-").replace("'", "")
    return _answer(problem_body(status, slug, status.phrase, str(error.detail)), error.headers)


def server_error() -> JSONResponse:
    """The response to an unexpected error. It reveals nothing about the server's internals."""
    detail = "Something went wrong on the server. Its log has the request id of this answer."
    return _answer(problem_body(500, "server-error", "The server failed", detail))
