"""Add, change and delete videos."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.jobs.queue import JobQueue
from backend.ontology.schemas import AttributeScope
from backend.ontology.service import ontology_of
from backend.ontology.values import with_values
from backend.projects.service import require_project
from backend.storage.objects import ObjectStore, video_key, video_prefix
from backend.tables import Job, Video
from backend.tables.states import VideoState
from backend.videos import queries
from backend.videos.first_task import open_first_tasks
from backend.videos.problems import FileNotKept, VideoNotFound, VideoNotReady
from backend.videos.schemas import VideoLabels, VideoRead, VideoUpdate
from backend.videos.uploads import ReceivedFile


async def add_video(
    session: AsyncSession, project_id: UUID, file: ReceivedFile, video: Video, *, store: ObjectStore, queue: JobQueue
) -> VideoRead:
    """Store the received file as a new video's source and queue its ingest, in one transaction."""
    project = await require_project(session, project_id)
    video.project_id = project_id
    video.stride = project.stride
    key = video_key(video.id, file.sha256, "source")
    video.source_key = key
    video.source_sha256 = file.sha256
    video.source_bytes = file.num_bytes
    session.add(video)
    await session.flush()
    await open_first_tasks(session, [video])
    await store.put(key, file.path)
    await queue.add(session, Job(kind=queries.INGEST_JOB, video_id=video.id))
    return await read_video(session, video.id)


async def read_video(session: AsyncSession, video_id: UUID) -> VideoRead:
    video = await queries.video_read(session, video_id)
    if video is None:
        raise VideoNotFound
    return video


async def require_video(session: AsyncSession, video_id: UUID) -> Video:
    video = await queries.video(session, video_id)
    if video is None:
        raise VideoNotFound
    return video


async def require_ready_video(session: AsyncSession, video_id: UUID) -> Video:
    video = await require_video(session, video_id)
    if video.state is not VideoState.ready:
        raise VideoNotReady
    return video


async def update_video(session: AsyncSession, video_id: UUID, body: VideoUpdate | VideoLabels) -> VideoRead:
    """Rename or label a video. An empty label removes the label."""
    video = await queries.lock_video(session, video_id)
    if video is None:
        raise VideoNotFound
    for name, value in body.model_dump(exclude_none=True, exclude={"attributes"}).items():
        setattr(video, name, value or None)
    if isinstance(body, VideoLabels) and body.attributes:
        video.attributes = with_values(
            await ontology_of(session, video.project_id),
            video.attributes,
            body.attributes,
            scopes=(AttributeScope.frame, AttributeScope.video),
            num_frames=video.num_frames or 0,
        )
    await session.flush()
    return await read_video(session, video_id)


async def ingest_again(session: AsyncSession, video_id: UUID, *, queue: JobQueue) -> VideoRead:
    """Queue the ingest of a failed video whose file was kept. For one that is being ingested it does nothing."""
    video = await queries.lock_video(session, video_id)
    if video is None:
        raise VideoNotFound
    if video.state is VideoState.failed:
        if video.source_key is None:
            raise FileNotKept
        video.state, video.problem = VideoState.ingesting, None
        await queue.add(session, Job(kind=queries.INGEST_JOB, video_id=video_id))
    return await read_video(session, video_id)


async def delete_video(session: AsyncSession, video_id: UUID, *, actor_id: UUID, queue: JobQueue) -> None:
    """Delete a video with its masklets. Its files are deleted after the commit."""
    video = await require_video(session, video_id)
    await queue.discard(session, video_prefix(video_id))
    await session.delete(video)
    audit(
        session,
        "video.deleted",
        actor_id=actor_id,
        project_id=video.project_id,
        object_id=video_id,
        details={"name": video.name},
    )
