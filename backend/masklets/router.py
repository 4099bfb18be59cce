"""Routes to create, rename and delete masklets."""

from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.permissions import Permission
from backend.db.session import Session
from backend.masklets import service
from backend.masklets.headers import AuthorHeaders, EditHeaders
from backend.masklets.problems import EDIT_ERRORS, LEASE_ERRORS, ObjectsAreGiven
from backend.masklets.resource import MASKLET
from backend.masklets.schemas import MaskletCreate, MaskletRead, MaskletUpdate
from backend.ontology.problems import UnknownAttribute, UnknownClass
from backend.problems import IdempotencyKeyReused, problems
from backend.videos.problems import VideoNotFound, VideoNotReady
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["masklets"])
_UNKNOWN = (UnknownClass, UnknownAttribute)


@router.post(
    "/videos/{video_id}/masklets",
    status_code=201,
    responses=problems(VideoNotFound, VideoNotReady, ObjectsAreGiven, IdempotencyKeyReused, *_UNKNOWN, *LEASE_ERRORS),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def create_masklet(video_id: UUID, body: MaskletCreate, author: AuthorHeaders, session: Session) -> MaskletRead:
    """Create an empty masklet. Undo removes it."""
    return await service.create_masklet(session, video_id, body, author)


@router.patch(
    "/masklets/{masklet_id}", responses=problems(*EDIT_ERRORS), dependencies=[access(Permission.annotate, MASKLET)]
)
async def rename_masklet(masklet_id: UUID, body: MaskletUpdate, editor: EditHeaders, session: Session) -> MaskletRead:
    """Rename a masklet. This is not a step of the history."""
    return await service.rename_masklet(session, masklet_id, body, editor)


@router.delete(
    "/masklets/{masklet_id}", responses=problems(*EDIT_ERRORS), dependencies=[access(Permission.annotate, MASKLET)]
)
async def delete_masklet(masklet_id: UUID, editor: EditHeaders, session: Session) -> MaskletRead:
    """Delete a masklet and stop its propagation. Undo brings it back with all its masks."""
    return await service.delete_masklet(session, masklet_id, editor)
