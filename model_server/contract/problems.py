"""Problems: why a request failed, as RFC 9457 bodies."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from model_server.contract.wire import Words


class ProblemSlug(StrEnum):
    """Every problem the model server can report."""

    unknown_session = "unknown-session"
    unknown_model = "unknown-model"
    model_unusable = "model-unusable"
    stale_epoch = "stale-epoch"
    needs_restore = "needs-restore"
    session_closed = "session-closed"
    run_in_progress = "run-in-progress"
    malformed_request = "malformed-request"
    frame_out_of_range = "frame-out-of-range"
    point_outside_video = "point-outside-video"
    bad_mask = "bad-mask"
    nothing_to_roll_back = "nothing-to-roll-back"
    nothing_to_propagate = "nothing-to-propagate"
    path_outside_data = "path-outside-data"
    unreadable_video = "unreadable-video"
    request_too_large = "request-too-large"
    length_required = "length-required"
    no_such_route = "no-such-route"
    browser_refused = "browser-refused"
    model_not_ready = "model-not-ready"
    server_full = "server-full"
    out_of_memory = "out-of-memory"
    caller_left = "caller-left"
    took_too_long = "took-too-long"
    model_failed = "model-failed"
    internal_error = "internal-error"


class Problem(BaseModel):
    """An `application/problem+json` body; `have_token` is set for needs-restore only."""

    model_config = ConfigDict(extra="allow")

    type: Words
    title: Words
    status: int = Field(ge=100, le=599)
    detail: Words
    slug: Words
    have_token: Words | None = None
