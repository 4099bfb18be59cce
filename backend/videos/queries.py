"""Queries for videos, and the form in which the API returns them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.schemas import JobRead
from backend.ontology.schemas import read_values
from backend.page import Page, rising
from backend.problems import Problem
from backend.tables import Job, Masklet, Project, Task, Video
from backend.tables.states import VerdictKind, VideoState, WorkState
from backend.videos.schemas import Filmstrip, FrameRate, SameFile, VideoRead
from backend.videos.split import Shares, split_of

INGEST_JOB = "ingest"


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


async def lock_video(session: AsyncSession, video_id: UUID) -> Video | None:
    """A video, locked until the transaction ends."""
    return await session.scalar(select(Video).where(Video.id == video_id).with_for_update())


async def stored_files(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
    """The objects of each of these videos that exists; None while it is being ingested."""
    found = select(
        Video.id,
        Video.state,
        Video.source_key,
        Video.proxy_key,
        Video.poster_key,
        Video.filmstrip_key,
        Video.frame_table_key,
    )
    return {
        video_id: None if state is VideoState.ingesting else [key for key in keys if key is not None]
        for video_id, state, *keys in await session.execute(found.where(Video.id.in_(ids)))
    }


async def video_of_job(session: AsyncSession, job_id: UUID, *, lock: bool = False) -> Video | None:
    """The video that a job ingests."""
    found = select(Video).join(Job, Job.video_id == Video.id).where(Job.id == job_id)
    return await session.scalar(found.with_for_update(of=Video) if lock else found)


async def long_side_of(session: AsyncSession, project_id: UUID) -> int:
    """The most pixels that the longer side of a project's videos may have."""
    return (await session.scalars(select(Project.long_side).where(Project.id == project_id))).one()


async def video_read(session: AsyncSession, video_id: UUID) -> VideoRead | None:
    found = await video(session, video_id)
    return None if found is None else (await _reads(session, [found]))[0]


async def videos_of_project(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[VideoRead]:
    """A page of a project's videos in order of upload."""
    found = select(Video).where(Video.project_id == project_id)
    rows = await page.rows(session, found, rising(Video.created_at), rising(Video.id))
    return await _reads(session, [row[0] for row in rows])


async def videos_with_task(session: AsyncSession, video_ids: Collection[UUID]) -> set[UUID]:
    """Which of these videos have had a task about the whole video."""
    found = select(Task.video_id).where(Task.video_id.in_(video_ids), Task.masklet_id.is_(None))
    return set(await session.scalars(found))


async def _reads(session: AsyncSession, videos: Sequence[Video]) -> list[VideoRead]:
    ids = [video.id for video in videos]
    counted = await session.execute(
        select(
            Masklet.video_id,
            func.count(),
            func.count().filter(Masklet.verdict == VerdictKind.satisfactory),
            *(func.count().filter(Masklet.work == state) for state in WorkState),
        )
        .where(Masklet.video_id.in_(ids), Masklet.deleted.is_(False), Masklet.participant_id.is_(None))
        .group_by(Masklet.video_id)
    )
    counts = {row[0]: Counts(row[1], row[2], dict(zip(WorkState, row[3:], strict=True))) for row in counted}
    jobs = await session.scalars(
        select(Job).where(Job.video_id.in_(ids), Job.kind == INGEST_JOB).order_by(Job.created_at)
    )
    latest = {job.video_id: job for job in jobs}
    projects = await session.scalars(select(Project).where(Project.id.in_({video.project_id for video in videos})))
    shares = {project.id: Shares.of(project) for project in projects}
    earlier = await _same_files(session, videos)
    return [
        _read(video, shares[video.project_id], counts.get(video.id, _NONE), latest.get(video.id)).model_copy(
            update={"same_file_as": earlier.get(video.id)}
        )
        for video in videos
    ]


async def _same_files(session: AsyncSession, videos: Sequence[Video]) -> dict[UUID, SameFile]:
    """By video: the project's first one of the same uploaded file, where that is another."""
    first = (
        select(Video.project_id, Video.source_sha256, Video.id, Video.name)
        .where(
            Video.project_id.in_({video.project_id for video in videos}),
            Video.source_sha256.in_({video.source_sha256 for video in videos if video.source_sha256}),
            Video.state != VideoState.failed,
        )
        .ext(distinct_on(Video.project_id, Video.source_sha256))
        .order_by(Video.project_id, Video.source_sha256, Video.created_at, Video.id)
    )
    found = {
        (project_id, digest): SameFile(id=video_id, name=name)
        for project_id, digest, video_id, name in await session.execute(first)
    }
    same = {video.id: found.get((video.project_id, video.source_sha256)) for video in videos}
    return {video_id: file for video_id, file in same.items() if file is not None and file.id != video_id}


@dataclass(frozen=True, slots=True)
class Counts:
    """A video's masklets outside studies: all, the satisfactory ones, and how many are in which state of work."""

    masklets: int
    verified: int
    work: dict[WorkState, int]


_NONE = Counts(0, 0, dict.fromkeys(WorkState, 0))


def _read(video: Video, shares: Shares, counts: Counts, job: Job | None) -> VideoRead:
    ready = video.state is VideoState.ready
    fps = FrameRate(num=video.fps_num, den=video.fps_den) if video.fps_num and video.fps_den else None
    # The digest in the address makes it safe to cache the response for ever.
    url = f"/api/videos/{video.id}/{{}}?v={(video.proxy_sha256 or '')[:12]}"
    return VideoRead(
        id=video.id,
        project_id=video.project_id,
        name=video.name,
        state=video.state,
        problem=Problem.model_validate(video.problem) if video.problem else None,
        can_retry=video.state is VideoState.failed and video.source_key is not None,
        warnings=[str(warning) for warning in video.warnings],
        same_file_as=None,
        width=video.width,
        height=video.height,
        num_frames=video.num_frames,
        fps=fps,
        duration_seconds=video.num_frames * fps.den / fps.num if fps and video.num_frames else None,
        stride=video.stride,
        rejected_reason=video.rejected_reason,
        environment=video.environment,
        attributes=read_values(video.attributes),
        split=video.split,
        split_source=video.split_source,
        effective_split=split_of(video, shares),
        num_masklets=counts.masklets,
        num_verified=counts.verified,
        num_annotating=counts.work[WorkState.annotating],
        num_to_verify=counts.work[WorkState.verifying],
        num_to_refine=counts.work[WorkState.refining],
        poster_url=url.format("poster.jpg") if ready else None,
        filmstrip=Filmstrip(url=url.format("filmstrip.jpg"), **video.filmstrip) if ready and video.filmstrip else None,
        proxy_url=url.format("proxy.mp4") if ready else None,
        job=JobRead.of(job) if job else None,
        created_at=video.created_at,
    )
