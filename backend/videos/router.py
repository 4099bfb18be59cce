"""Routes to upload, label and delete videos, and to fetch the files of the video of record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.auth.tenure import received_while_it_stands, standing_of
from backend.db.session import Autocommit, Session, ShortSessions
from backend.jobs.dependency import Queue
from backend.ontology.problems import UnknownAttribute
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, MaskloomError, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.projects.service import require_project
from backend.storage.dependency import Store
from backend.storage.objects import video_prefix
from backend.tables import Video
from backend.videos import queries, service
from backend.videos.files import StoredVideo, serve
from backend.videos.problems import (
    FileNotKept,
    LengthRequired,
    RangeNotSatisfiable,
    UploadCutOff,
    VideoNotFound,
    VideoNotReady,
)
from backend.videos.resource import VIDEO
from backend.videos.schemas import FrameTable, VideoLabels, VideoRead, VideoUpdate
from backend.videos.uploads import BINARY_BODY, Upload, received
from backend.web.intake import BodyTooLarge

router = APIRouter(prefix="/api", tags=["videos"])


@router.post(
    "/projects/{project_id}/videos",
    status_code=202,
    responses=problems(ProjectNotFound, LengthRequired, UploadCutOff, BodyTooLarge, IdempotencyKeyReused),
    openapi_extra=BINARY_BODY,
    dependencies=[access(Permission.manage, PROJECT)],
)
async def upload_video(
    project_id: UUID, upload: Upload, request: Request, sessions: ShortSessions, store: Store, queue: Queue
) -> VideoRead:
    """Upload a video. The body is the file itself; the idempotency key becomes the video's id."""
    async with sessions.begin() as session:
        await require_project(session, project_id)
        if (known := await queries.video_read(session, upload.id)) is not None:
            if known.project_id != project_id:
                raise IdempotencyKeyReused("Use a new Idempotency-Key for a new video.")
            return known
    # No transaction is held while the bytes arrive, which may take an hour. Who has lost access by then adds nothing.
    standing = standing_of(request)
    chunks = received_while_it_stands(standing, request.stream())
    async with received(chunks, upload) as file:
        await standing.check()
        async with sessions.begin() as session:
            video = Video(id=upload.id, name=upload.name, created_by=upload.actor_id)
            read = await service.add_video(session, project_id, file, video, store=store, queue=queue)
            try:
                await standing.check()  # storing a large file takes a while as well
            except MaskloomError:
                await store.delete_under(video_prefix(upload.id))
                raise
        return read


@router.get(
    "/projects/{project_id}/videos",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.view, PROJECT)],
)
async def list_videos(project_id: UUID, session: Autocommit, page: AskedPage) -> Sequence[VideoRead]:
    """A project's videos in order of upload, in pages: the Link header names the next one."""
    await require_project(session, project_id)
    return await queries.videos_of_project(session, project_id, page)


@router.get("/videos/{video_id}", responses=problems(VideoNotFound), dependencies=[access(Permission.view, VIDEO)])
async def read_video(video_id: UUID, session: Autocommit) -> VideoRead:
    return await service.read_video(session, video_id)


@router.patch(
    "/videos/{video_id}",
    responses=problems(VideoNotFound),
    dependencies=[access(Permission.manage, VIDEO)],
)
async def update_video(video_id: UUID, body: VideoUpdate, session: Session) -> VideoRead:
    """Rename a video, or set its environment, source or split."""
    return await service.update_video(session, video_id, body)


@router.put(
    "/videos/{video_id}/labels",
    responses=problems(VideoNotFound, UnknownAttribute),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def label_video(video_id: UUID, body: VideoLabels, session: Session) -> VideoRead:
    """Set the labels of a video: its environment, and the values of its attributes and of its frames'."""
    return await service.update_video(session, video_id, body)


@router.post(
    "/videos/{video_id}/ingest",
    status_code=202,
    responses=problems(VideoNotFound, FileNotKept),
    dependencies=[access(Permission.manage, VIDEO)],
)
async def ingest_video_again(video_id: UUID, session: Session, queue: Queue) -> VideoRead:
    """Try a failed upload again whose file was kept, because the server had failed and not the file."""
    return await service.ingest_again(session, video_id, queue=queue)


@router.delete(
    "/videos/{video_id}",
    status_code=204,
    responses=problems(VideoNotFound),
    dependencies=[access(Permission.manage, VIDEO)],
)
async def delete_video(video_id: UUID, session: Session, actor: Actor, queue: Queue) -> None:
    """Delete a video with its masklets and files. This also dismisses a failed upload."""
    await service.delete_video(session, video_id, actor_id=actor.user_id, queue=queue)


_FILE_PROBLEMS = problems(VideoNotFound, VideoNotReady, RangeNotSatisfiable)


def _binary(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}, **_FILE_PROBLEMS}


@router.get(
    "/videos/{video_id}/proxy.mp4",
    response_class=Response,
    responses=_binary("video/mp4"),
    dependencies=[access(Permission.view, VIDEO)],
)
async def read_proxy(video: StoredVideo, request: Request, store: Store) -> Response:
    """The video of record. Byte ranges are supported."""
    return await serve(request, store, video.proxy_key, media_type="video/mp4")


@router.head("/videos/{video_id}/proxy.mp4", include_in_schema=False, dependencies=[access(Permission.view, VIDEO)])
async def head_proxy(video: StoredVideo, request: Request, store: Store) -> Response:
    return await serve(request, store, video.proxy_key, media_type="video/mp4")


@router.get(
    "/videos/{video_id}/poster.jpg",
    response_class=Response,
    responses=_binary("image/jpeg"),
    dependencies=[access(Permission.view, VIDEO)],
)
async def read_poster(video: StoredVideo, request: Request, store: Store) -> Response:
    """One frame by which to recognise the video."""
    return await serve(request, store, video.poster_key, media_type="image/jpeg")


@router.get(
    "/videos/{video_id}/filmstrip.jpg",
    response_class=Response,
    responses=_binary("image/jpeg"),
    dependencies=[access(Permission.view, VIDEO)],
)
async def read_filmstrip(video: StoredVideo, request: Request, store: Store) -> Response:
    """Small, evenly spaced frames in one picture; the video's `filmstrip` tells which."""
    return await serve(request, store, video.filmstrip_key, media_type="image/jpeg")


@router.get(
    "/videos/{video_id}/frames",
    responses={200: {"model": FrameTable}, **_FILE_PROBLEMS},
    response_model=None,
    dependencies=[access(Permission.view, VIDEO)],
)
async def read_frame_table(video: StoredVideo, request: Request, store: Store) -> Response:
    """The source of every frame of the video of record."""
    return await serve(request, store, video.frame_table_key, media_type="application/json")
