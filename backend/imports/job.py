"""The durable job of an import: it reads the dataset, and later, when a person has looked at it, writes the masklets.

Either part can run again after a crash: reading makes its file anew, and writing is one transaction, the one that also
ends the job.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.permissions import Permission
from backend.auth.tenure import require_standing
from backend.imports import queries
from backend.imports.content.files import Meter
from backend.imports.content.harvest import Harvest
from backend.imports.imported_masklets import Plan, write_masklets
from backend.imports.survey import Survey, SurveyedVideo, survey_dataset
from backend.imports.video_matches import VideoMatch, match_videos
from backend.jobs.context import JobContext, JobKind, JobWithdrawn, ProblemBody, Workplace
from backend.storage.objects import import_key, import_prefix, sha256_of
from backend.storage.staging_area import work_folder
from backend.tables import ImportedDataset, Job
from backend.tables.states import ImportState

_POLL_SECONDS = 0.4


async def _import(context: JobContext) -> None:
    async with context.sessions.begin() as session:
        imported = await queries.import_of_job(session, context.job_id)
    if imported is None:
        raise JobWithdrawn
    if imported.state is ImportState.received:
        await _read(context, imported)
    elif imported.state is ImportState.writing:
        await _write(context, imported)


async def _on_failure(session: AsyncSession, job: Job, _problem: ProblemBody, workplace: Workplace) -> None:
    """What cannot be read is let go. What could not be written can be tried again."""
    imported = None if job.import_id is None else await queries.lock_import(session, job.import_id)
    if imported is None:
        return
    if imported.state is ImportState.received:
        imported.state, imported.source_key = ImportState.failed, None
        await workplace.discard(session, import_prefix(imported.project_id, imported.id))
    elif imported.state is ImportState.writing:
        imported.state = ImportState.ready


IMPORT_KIND = JobKind(_import, on_failure=_on_failure)


async def _read(context: JobContext, imported: ImportedDataset) -> None:
    assert imported.source_key is not None
    source = context.store.local_path(imported.source_key)
    async with work_folder(context.settings.staging_dir / f"import-{context.job_id}") as folder:
        content = folder / "content.sqlite"
        survey = await _survey(context, source, imported.file_name, content)
        key = import_key(imported.project_id, imported.id, await asyncio.to_thread(sha256_of, content), content.name)
        await context.store.put(key, content)
    async with context.sessions.begin() as session:
        stored = await queries.lock_import(session, imported.id)
        if stored is not None:
            stored.state, stored.format, stored.survey = (
                ImportState.ready,
                survey.format,
                survey.model_dump(mode="json"),
            )
            stored.content_key = key
            await context.finish(session)
    if stored is None:  # deleted meanwhile, and its files with it
        await context.store.delete_under(import_prefix(imported.project_id, imported.id))
        raise JobWithdrawn


async def _survey(context: JobContext, source: Path, name: str, content: Path) -> Survey:
    """Read in a thread, and tell how far it is."""
    meter = Meter()
    reading = asyncio.ensure_future(asyncio.to_thread(survey_dataset, source, name=name, content=content, meter=meter))
    try:
        while not (await asyncio.wait([reading], timeout=_POLL_SECONDS))[0]:
            share = min(0.99, meter.num_bytes / (2 * max(meter.of_bytes, 1)))  # documents are read twice
            await context.report(round(100 * share), 100, message="Reading", unit="percent")
        return reading.result()
    finally:
        meter.wanted = False
        with suppress(Exception):  # the caller has the first error; the thread must not outlive its folder
            await reading


async def _write(context: JobContext, imported: ImportedDataset) -> None:
    assert imported.content_key is not None
    survey = Survey.model_validate(imported.survey)
    progress = _ObjectCount(context, imported.id)
    harvest = Harvest(context.store.local_path(imported.content_key))
    try:
        async with context.sessions.begin() as session:
            await _require_standing(session, imported)
            matches = await matches_of(session, imported, survey)
            progress.total = sum(match.found.num_objects for match in matches if match.fault is None)
            written = await write_masklets(session, Plan(imported, harvest, survey.ontology, matches, progress.step))
            stored = await queries.lock_import(session, imported.id)
            if stored is None or stored.cancelled_at is not None:
                raise JobWithdrawn
            await _require_standing(session, stored)  # whoever left while it was written
            stored.state = ImportState.done
            stored.report, num_objects = written, written["num_objects"]
            stored.source_key = stored.content_key = None
            audit(
                session,
                "import.done",
                actor_id=imported.created_by,
                project_id=imported.project_id,
                object_id=imported.id,
                details={"file": imported.file_name, "num_objects": num_objects},
            )
            await context.finish(session)
    except JobWithdrawn:
        await _forget(context, imported)
        raise
    finally:
        harvest.close()
    await context.store.delete_under(import_prefix(imported.project_id, imported.id))


async def _require_standing(session: AsyncSession, imported: ImportedDataset) -> None:
    await require_standing(session, imported.created_by, Permission.manage, imported.project_id)


async def matches_of(session: AsyncSession, imported: ImportedDataset, survey: Survey) -> list[VideoMatch]:
    """What the dataset's videos are here, as of now."""
    videos = await queries.videos_of(session, imported.project_id)
    chosen = {key: None if video_id is None else UUID(video_id) for key, video_id in imported.matches.items()}
    return match_videos(survey.videos, videos, chosen)


def wanted_of(matches: Sequence[VideoMatch]) -> list[SurveyedVideo]:
    """The dataset's videos that are imported."""
    return [match.found for match in matches if match.fault is None]


async def _forget(context: JobContext, imported: ImportedDataset) -> None:
    """A person stopped the import: nothing of it stays."""
    async with context.sessions.begin() as session:
        stored = await queries.lock_import(session, imported.id)
        if stored is not None:
            await session.delete(stored)
    await context.store.delete_under(import_prefix(imported.project_id, imported.id))


class _ObjectCount:
    """Tells how many objects are written, and asks whether they are still wanted."""

    def __init__(self, context: JobContext, import_id: UUID) -> None:
        self._context = context
        self._import_id = import_id
        self._done = 0
        self._next = 0.0
        self.total = 0

    async def step(self, video: str) -> None:
        """Count an object.

        Raises:
            JobWithdrawn: a person stopped the import.
        """
        self._done += 1
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _POLL_SECONDS
        async with self._context.sessions.begin() as session:
            if await queries.is_cancelled(session, self._import_id) in (None, True):
                raise JobWithdrawn
        await self._context.report(min(self._done, self.total - 1), self.total, message=video, unit="objects")
