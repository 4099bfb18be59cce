"""How routes about an import find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.imports.problems import ImportNotFound
from backend.tables import ImportedDataset

IMPORT = Resource("import", id=ImportedDataset.id, project_id=ImportedDataset.project_id, not_found=ImportNotFound)
