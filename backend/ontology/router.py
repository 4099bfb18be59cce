"""Routes to read and replace a project's ontology."""

from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, Session
from backend.ontology import service
from backend.ontology.problems import OntologyConflict, OntologyInUse, UnusableOntology
from backend.ontology.schemas import OntologyRead, OntologyReplacement
from backend.precondition import PreconditionRequired, SeenVersion
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT

router = APIRouter(prefix="/api/projects/{project_id}/ontology", tags=["ontology"])


@router.get("", responses=problems(ProjectNotFound), dependencies=[access(Permission.view, PROJECT)])
async def read_ontology(project_id: UUID, session: Autocommit) -> OntologyRead:
    """The project's classes, and the attributes of its objects, frames and videos."""
    return await service.read_ontology(session, project_id)


@router.put(
    "",
    responses=problems(ProjectNotFound, UnusableOntology, OntologyConflict, OntologyInUse, PreconditionRequired),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def replace_ontology(
    project_id: UUID, body: OntologyReplacement, version: SeenVersion, session: Session, actor: Actor
) -> OntologyRead:
    """Replace the ontology at the version in If-Match. What is renamed keeps its id, and whatever has it keeps it.

    A class, choice or attribute in use goes only if `becomes` says what takes its place. Removing an attribute, or
    changing what its values are, removes its values.
    """
    return await service.replace_ontology(session, project_id, body, version=version, actor_id=actor.user_id)
