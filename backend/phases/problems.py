"""What a phase forbids."""

from backend.problems import MaskloomError


class PhaseForbids(MaskloomError):
    """The masklet is annotated in a phase that does not have this tool; the body names the `phase` and the `tool`."""

    status = 403
    title = "This phase does not have that tool"
    slug = "phase-forbids"
