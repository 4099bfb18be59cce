from backend.problems import MaskloomError, NotFound


class ProjectNotFound(NotFound):
    """There is no such project, or no longer."""

    slug = "project-not-found"


class IdempotencyKeyReused(MaskloomError):
    """The idempotency key was used before, with another body."""

    status = 409
    title = "Idempotency key reused"
    slug = "idempotency-key-reused"
