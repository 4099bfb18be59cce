"""How routes about a run find its project, for `access(...)`."""

from backend.annotation.record.problems import RunNotFound
from backend.auth.resource import Resource
from backend.tables import Run

RUN = Resource("run", id=Run.id, video_id=Run.video_id, not_found=RunNotFound)
