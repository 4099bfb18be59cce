"""How routes about an export find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.datasets.problems import ExportNotFound
from backend.tables import Export

EXPORT = Resource("export", id=Export.id, project_id=Export.project_id, not_found=ExportNotFound)
