"""How routes about a tuning find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.tables import Tuning
from backend.tuning.problems import TuningNotFound

TUNING = Resource("tuning", id=Tuning.id, project_id=Tuning.project_id, not_found=TuningNotFound)
