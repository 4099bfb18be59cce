"""Why a request is refused. Each class is one problem; the handlers turn them into RFC 9457 bodies."""

from typing import ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from model_server.contract.problems import Problem, ProblemSlug

log = structlog.get_logger()


class ModelServerError(Exception):
    """The base of all refusals."""

    status: ClassVar[int]
    title: ClassVar[str]
    slug: ClassVar[ProblemSlug]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def problem(self) -> Problem:
        """The body."""
        return _problem(self.slug, self.status, self.title, self.detail)

    def headers(self) -> dict[str, str]:
        """Headers that go with the body."""
        return {}


class UnknownSession(ModelServerError):
    """No such tracking session, or not with this epoch: open it, then restore its objects."""

    status, title, slug = 404, "Tracking session is not open", ProblemSlug.unknown_session


class UnknownModel(ModelServerError):
    """No model of the catalogue has this name, or its weights were taken away."""

    status, title, slug = 404, "There is no such model", ProblemSlug.unknown_model


class ModelUnusable(ModelServerError):
    """The model's file cannot be loaded; the others go on working."""

    status, title, slug = 409, "Model cannot be loaded", ProblemSlug.model_unusable


class NothingToRollBack(ModelServerError):
    """No promotion of a default model stands."""

    status, title, slug = 409, "There is nothing to roll back", ProblemSlug.nothing_to_roll_back


class SessionClosed(ModelServerError):
    """The tracking session went away while the request waited."""

    status, title, slug = 409, "Tracking session was closed", ProblemSlug.session_closed


class StaleEpoch(ModelServerError):
    """Somebody with a higher epoch owns the tracking session."""

    status, title, slug = 409, "Epoch is stale", ProblemSlug.stale_epoch


class NeedsRestore(ModelServerError):
    """The session's history of the object is not the one the request builds on."""

    status, title, slug = 409, "Object must be restored", ProblemSlug.needs_restore

    def __init__(self, object_id: str, *, have_token: str) -> None:
        super().__init__(f"object {object_id} has another history here")
        self.have_token = have_token

    def problem(self) -> Problem:
        """The body, with the token the session has."""
        return super().problem().model_copy(update={"have_token": self.have_token})


class RunInProgress(ModelServerError):
    """A run of this id is going on."""

    status, title, slug = 409, "Run is in progress", ProblemSlug.run_in_progress


class MalformedRequest(ModelServerError):
    """The request contradicts itself or an earlier one."""

    status, title, slug = 422, "Malformed request", ProblemSlug.malformed_request


class FrameOutOfRange(ModelServerError):
    """The frame is not in the video."""

    status, title, slug = 422, "Frame is outside the video", ProblemSlug.frame_out_of_range


class PointOutsideVideo(ModelServerError):
    """A click or a corner of a box is not in the picture."""

    status, title, slug = 422, "Point is outside the video", ProblemSlug.point_outside_video


class BadMask(ModelServerError):
    """A mask of another size than the video, or run lengths that make no mask."""

    status, title, slug = 422, "Mask does not fit the video", ProblemSlug.bad_mask


class NothingToPropagate(ModelServerError):
    """The object has no conditioning frame."""

    status, title, slug = 422, "Object has no prompt to start from", ProblemSlug.nothing_to_propagate


class PathOutsideData(ModelServerError):
    """The video's path leaves the data directory."""

    status, title, slug = 422, "Video is outside the data directory", ProblemSlug.path_outside_data


class VideoUnreadable(ModelServerError):
    """The file is missing, is not decodable, or is not the video it was said to be."""

    status, title, slug = 422, "Video cannot be read", ProblemSlug.unreadable_video


class RequestTooLarge(ModelServerError):
    """The body is over the limit."""

    status, title, slug = 413, "Request is too large", ProblemSlug.request_too_large


class LengthRequired(ModelServerError):
    """A body of unknown length."""

    status, title, slug = 411, "Content-Length is required", ProblemSlug.length_required


class BrowserRefused(ModelServerError):
    """A web page tried to reach the model server; only the backend talks to it."""

    status, title, slug = 403, "Browsers are refused", ProblemSlug.browser_refused


class ModelNotReady(ModelServerError):
    """The model is loading, or failed to load."""

    status, title, slug = 503, "Model is not ready", ProblemSlug.model_not_ready

    def headers(self) -> dict[str, str]:
        """Ask again soon."""
        return {"Retry-After": "1"}


class ServerFull(ModelServerError):
    """The tracking sessions, or the models, in use fill the memory budget."""

    status, title, slug = 503, "No memory for another session", ProblemSlug.server_full

    def headers(self) -> dict[str, str]:
        """Sessions become idle within seconds to minutes."""
        return {"Retry-After": "10"}


class OutOfMemory(ModelServerError):
    """The device's memory did not suffice, even with everything idle evicted; the object must be restored."""

    status, title, slug = 503, "Out of memory", ProblemSlug.out_of_memory

    def headers(self) -> dict[str, str]:
        """Other sessions become idle within seconds to minutes."""
        return {"Retry-After": "10"}


class ModelFailed(ModelServerError):
    """The network raised an error; the object must be restored before it is used again."""

    status, title, slug = 500, "Model failed", ProblemSlug.model_failed


def install_handlers(app: FastAPI) -> None:
    """Answer every error of `app` with problem+json."""

    @app.exception_handler(ModelServerError)
    async def refused(_: Request, error: ModelServerError) -> JSONResponse:
        return problem_response(error.problem(), error.headers())

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        slug, title = ProblemSlug.malformed_request, MalformedRequest.title
        return problem_response(_problem(slug, 422, title, "; ".join(faults)))

    @app.exception_handler(HTTPException)
    async def no_route(_: Request, error: HTTPException) -> JSONResponse:
        return problem_response(_problem(ProblemSlug.no_such_route, error.status_code, error.detail, error.detail))

    @app.exception_handler(Exception)
    async def broke(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", path=request.url.path, exc_info=error)
        return problem_response(_problem(ProblemSlug.internal_error, 500, "Internal error", type(error).__name__))


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem as an HTTP answer."""
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, problem.status, headers=headers, media_type="application/problem+json")


def _problem(slug: ProblemSlug, status: int, title: str, detail: str) -> Problem:
    return Problem(type=f"/problems/{slug}", title=title, status=status, detail=detail, slug=slug)
