"""The problem of a request that needs a tool its phase does not have."""

from backend.problems import MaskloomError


class PhaseForbids(MaskloomError):
    """The masklet's phase does not have this tool; the body names the `phase` and the `tool`."""

    status = 403
    title = "This phase does not have that tool"
    slug = "phase-forbids"
