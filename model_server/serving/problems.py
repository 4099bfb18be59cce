"""Problems: why a request failed. Each class is one problem; the handlers turn them into RFC 9457 bodies."""

from typing import ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from model_server.contract.problems import Problem, ProblemSlug

log = structlog.get_logger()


class ModelServerError(Exception):
    """The base of all problems."""

    status: ClassVar[int]
    title: ClassVar[str]
    slug: ClassVar[ProblemSlug]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def problem(self) -> Problem:
        """The body of the answer."""
        return _problem(self.slug, self.status, self.title, self.detail)

    def headers(self) -> dict[str, str]:
        """Headers to send with the body."""
        return {}


class UnknownSession(ModelServerError):
    """The tracking session is not open, or not with this epoch: open it, then restore its objects."""

    status, title, slug = 404, "Tracking session is not open", ProblemSlug.unknown_session


class ModelNotFound(ModelServerError):
    """No model of the catalogue has this name, or its weights are gone."""

    status, title, slug = 404, "There is no such model", ProblemSlug.unknown_model


class ModelUnusable(ModelServerError):
    """The model's file cannot be loaded; other models keep working."""

    status, title, slug = 409, "Model cannot be loaded", ProblemSlug.model_unusable


class NoPromotionStands(ModelServerError):
    """No promotion is in force that could be rolled back."""

    status, title, slug = 409, "There is nothing to roll back", ProblemSlug.nothing_to_roll_back


class SessionClosed(ModelServerError):
    """The tracking session was closed while the request waited."""

    status, title, slug = 409, "Tracking session was closed", ProblemSlug.session_closed


class StaleEpoch(ModelServerError):
    """The tracking session belongs to an owner with a higher epoch."""

    status, title, slug = 409, "Epoch is stale", ProblemSlug.stale_epoch


class NeedsRestore(ModelServerError):
    """The session's history of the object is not the one that the request builds on."""

    status, title, slug = 409, "Object must be restored", ProblemSlug.needs_restore

    def __init__(self, object_id: str, *, have_token: str) -> None:
        super().__init__(f"object {object_id} has another history here")
        self.have_token = have_token

    def problem(self) -> Problem:
        """The body, with the token that the session holds."""
        return super().problem().model_copy(update={"have_token": self.have_token})


class RunInProgress(ModelServerError):
    """A run with this id is in progress."""

    status, title, slug = 409, "Run is in progress", ProblemSlug.run_in_progress


class MalformedRequest(ModelServerError):
    """The request contradicts itself or an earlier one."""

    status, title, slug = 422, "Malformed request", ProblemSlug.malformed_request


class FrameOutOfRange(ModelServerError):
    """The video has no such frame."""

    status, title, slug = 422, "Frame is outside the video", ProblemSlug.frame_out_of_range


class PointOutsideVideo(ModelServerError):
    """A click or a corner of a box lies outside the frame."""

    status, title, slug = 422, "Point is outside the video", ProblemSlug.point_outside_video


class BadMask(ModelServerError):
    """The mask has another size than the video, or invalid run lengths."""

    status, title, slug = 422, "Mask does not fit the video", ProblemSlug.bad_mask


class NothingToPropagate(ModelServerError):
    """The object has no conditioning frame."""

    status, title, slug = 422, "Object has no prompt to start from", ProblemSlug.nothing_to_propagate


class PathOutsideData(ModelServerError):
    """The video's path leads out of the data directory."""

    status, title, slug = 422, "Video is outside the data directory", ProblemSlug.path_outside_data


class VideoUnreadable(ModelServerError):
    """The file is missing, cannot be decoded, or is not the video described in the request."""

    status, title, slug = 422, "Video cannot be read", ProblemSlug.unreadable_video


class RequestTooLarge(ModelServerError):
    """The body exceeds the limit."""

    status, title, slug = 413, "Request is too large", ProblemSlug.request_too_large


class LengthRequired(ModelServerError):
    """The length of the body is not declared."""

    status, title, slug = 411, "Content-Length is required", ProblemSlug.length_required


class BrowserRefused(ModelServerError):
    """A web page tried to reach the model server, which only the backend may use."""

    status, title, slug = 403, "Browsers are refused", ProblemSlug.browser_refused


class ModelNotReady(ModelServerError):
    """The default model is loading, or failed to load."""

    status, title, slug = 503, "Model is not ready", ProblemSlug.model_not_ready

    def headers(self) -> dict[str, str]:
        """Retry soon."""
        return {"Retry-After": "1"}


class ServerFull(ModelServerError):
    """The sessions or models in use fill the memory budget."""

    status, title, slug = 503, "No memory for another session", ProblemSlug.server_full

    def headers(self) -> dict[str, str]:
        """Sessions become idle within seconds to minutes."""
        return {"Retry-After": "10"}


class OutOfMemory(ModelServerError):
    """The device ran out of memory even with everything idle evicted; the object must be restored."""

    status, title, slug = 503, "Out of memory", ProblemSlug.out_of_memory

    def headers(self) -> dict[str, str]:
        """Other sessions become idle within seconds to minutes."""
        return {"Retry-After": "10"}


class CallerLeft(ModelServerError):
    """The connection was closed before the answer was there; this is for the log."""

    status, title, slug = 499, "Nobody waits for the answer", ProblemSlug.caller_left


class TookTooLong(ModelServerError):
    """The device worked on the request for longer than it may; nothing of it is remembered."""

    status, title, slug = 504, "The model took too long", ProblemSlug.took_too_long


class ModelFailed(ModelServerError):
    """The network raised an error; the object must be restored before it is used again."""

    status, title, slug = 500, "Model failed", ProblemSlug.model_failed


def install_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with problem+json."""

    @app.exception_handler(ModelServerError)
    async def known_problem(_: Request, error: ModelServerError) -> JSONResponse:
        return problem_response(error.problem(), error.headers())

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        slug, title = ProblemSlug.malformed_request, MalformedRequest.title
        return problem_response(_problem(slug, 422, title, "; ".join(faults)))

    @app.exception_handler(HTTPException)
    async def routing_problem(_: Request, error: HTTPException) -> JSONResponse:
        return problem_response(_problem(ProblemSlug.no_such_route, error.status_code, error.detail, error.detail))

    @app.exception_handler(Exception)
    async def unexpected_error(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", path=request.url.path, exc_info=error)
        return problem_response(_problem(ProblemSlug.internal_error, 500, "Internal error", type(error).__name__))


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem as an HTTP response."""
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, problem.status, headers=headers, media_type="application/problem+json")


def _problem(slug: ProblemSlug, status: int, title: str, detail: str) -> Problem:
    return Problem(type=f"/problems/{slug}", title=title, status=status, detail=detail, slug=slug)
