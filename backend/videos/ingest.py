"""The durable job that turns an uploaded file into a video that is ready, or records a problem.

It can run again after a crash at any point: its folder is recreated, its objects have content-addressed keys, and the
video becomes ready in the transaction that finishes the job.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.context import JobContext, JobKind, JobWithdrawn, ProblemBody, Workplace
from backend.storage.objects import sha256_of, video_key, video_prefix
from backend.storage.staging_area import empty, work_folder
from backend.tables import Job, Video
from backend.tables.states import VideoState
from backend.videos import queries
from backend.videos.media import protocol
from backend.videos.media.protocol import Made
from backend.videos.media_process import DecoderCrashed, options_from, run_media_program
from backend.videos.problems import UnusableVideo
from backend.webhooks.outbox import tell_video_failed, tell_video_ready


async def _ingest(context: JobContext) -> None:
    async with context.sessions.begin() as session:
        found = await _ingesting(session, context.job_id)
        name, video_id, long_side = found.name, found.id, await queries.long_side_of(session, found.project_id)
        source = context.store.local_path(found.source_key or "")

    async def on_progress(done: int, total: int, frames_per_second: float | None) -> None:
        pace = f"{frames_per_second:.0f} frames/s" if frames_per_second else "Checking every frame"
        await context.report(done, total, message=pace)

    async with work_folder(context.settings.staging_dir / f"ingest-{context.job_id}") as folder:

        async def make() -> Made:
            return await run_media_program(
                source,
                folder,
                options_from(context.settings, long_side=long_side),
                seconds=context.settings.max_ingest_seconds,
                on_progress=on_progress,
            )

        try:
            made = await _unless_it_crashes_twice(make, folder)
        except UnusableVideo as problem:
            raise UnusableVideo(f"{name} {problem.detail}.") from None
        keys = await _store(context, folder, video_id)
    try:
        async with context.sessions.begin() as session:
            video = await _ingesting(session, context.job_id, lock=True)
            _fill(video, made, keys)
            upload = video.source_key
            if not context.settings.keep_uploads:
                video.source_key = None
            await tell_video_ready(session, video)
            await context.finish(session)
    except JobWithdrawn:
        await _forget(context, video_id)
        raise
    if upload is not None and not context.settings.keep_uploads:
        await context.store.delete(upload)


async def _forget(context: JobContext, video_id: UUID) -> None:
    """Delete what was stored after the video's own deletion had deleted its files."""
    async with context.sessions.begin() as session:
        gone = await queries.video(session, video_id) is None
    if gone:
        await context.store.delete_under(video_prefix(video_id))


async def _unless_it_crashes_twice(make: Callable[[], Awaitable[Made]], folder: Path) -> Made:
    """A decoder that crashes over a file does so again; one that was only unlucky does not.

    Raises:
        UnusableVideo: it crashed twice, or the file is at fault in another way.
    """
    with suppress(DecoderCrashed):
        return await make()
    await asyncio.to_thread(empty, folder)
    try:
        return await make()
    except DecoderCrashed as crash:
        raise UnusableVideo(f"makes the decoder crash ({crash})") from None


async def _fail(session: AsyncSession, job: Job, problem: ProblemBody, workplace: Workplace) -> None:
    """Mark the video as failed. If the file is to blame, discard everything that was stored for it, the file included.

    If the server is, the file is kept, so that somebody can try again.
    """
    video = None if job.video_id is None else await queries.lock_video(session, job.video_id)
    if video is not None and video.state is VideoState.ingesting:
        video.state = VideoState.failed
        video.problem = problem
        if problem["type"].endswith(f":{UnusableVideo.slug}"):
            video.source_key = None
            await workplace.discard(session, video_prefix(video.id))
        await tell_video_failed(session, video, problem)


INGEST_KIND = JobKind(_ingest, on_failure=_fail)


async def _ingesting(session: AsyncSession, job_id: UUID, *, lock: bool = False) -> Video:
    video = await queries.video_of_job(session, job_id, lock=lock)
    if video is None or video.state is not VideoState.ingesting:
        raise JobWithdrawn
    return video


async def _store(context: JobContext, folder: Path, video_id: UUID) -> dict[str, str]:
    """Put the files that were made into the store. Returns their keys by name."""
    keys: dict[str, str] = {}
    for name in (protocol.PROXY, protocol.POSTER, protocol.FILMSTRIP, protocol.FRAME_TABLE):
        digest = await asyncio.to_thread(sha256_of, folder / name)
        keys[name] = video_key(video_id, digest, name)
        await context.store.put(keys[name], folder / name)
    return keys


def _fill(video: Video, made: Made, keys: dict[str, str]) -> None:
    video.state = VideoState.ready
    video.width, video.height, video.num_frames = made.width, made.height, made.num_frames
    video.fps_num, video.fps_den = made.fps_num, made.fps_den
    video.source, video.recipe = made.source, protocol.RECIPE
    video.warnings = [f"{video.name} {warning}." for warning in made.warnings]
    video.filmstrip = made.filmstrip
    video.proxy_key, video.proxy_sha256 = keys[protocol.PROXY], keys[protocol.PROXY].split("/")[-2]
    video.poster_key = keys[protocol.POSTER]
    video.filmstrip_key = keys[protocol.FILMSTRIP]
    video.frame_table_key = keys[protocol.FRAME_TABLE]
