"""How routes about a study find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.studies.problems import StudyNotFound
from backend.tables import Study

STUDY = Resource("study", id=Study.id, project_id=Study.project_id, not_found=StudyNotFound)
