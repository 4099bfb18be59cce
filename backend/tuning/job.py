"""The durable job of a tuning: export verified masklets, train in a separate process, and store the comparison.

It can run again after a crash at any point. Its folder is kept until it has ended: the export is not written twice, so
that the data stays the same, and the training program continues from its last save.
"""

import asyncio
import os
import shutil
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.datasets.content import Choice, Tally, read_video
from backend.datasets.formats.format import ExportedFile, FrameFiles
from backend.datasets.formats.sa_v import SaV
from backend.jobs.context import JobContext, JobKind, JobWithdrawn, ProblemBody, Workplace
from backend.models.queries import remember_version
from backend.settings import Settings
from backend.tables import Job, Tuning
from backend.tuning import queries
from backend.tuning.problems import TuningFailed
from backend.tuning.schemas import TuningProgressRead
from backend.tuning.training_process import NoLongerWanted, Training, run_training
from model_server.contract.tuning_lines import Tuned, TuningProgress

_log = structlog.get_logger()
_HELD_OUT = "held_out.txt"  # written last, so its presence means that the export is complete


async def _tune(context: JobContext) -> None:
    async with context.sessions.begin() as session:
        tuning = await queries.tuning_of_job(session, context.job_id)
        if tuning is None:
            raise JobWithdrawn
    folder = folder_of(context.settings, tuning.id)
    try:
        if tuning.cancelled_at is None:
            await _store(context, tuning.id, await _trained(context, tuning, folder))
    except (NoLongerWanted, JobWithdrawn):
        _log.info("tuning.stopped", tuning_id=str(tuning.id))
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _fail(_session: AsyncSession, job: Job, _problem: ProblemBody, workplace: Workplace) -> None:
    """Delete the folder of a tuning that failed for good."""
    if job.tuning_id is not None:
        folder = folder_of(workplace.settings, job.tuning_id)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


TUNING_KIND = JobKind(_tune, on_failure=_fail, lasting=True)


def folder_of(settings: Settings, tuning_id: UUID) -> Path:
    """The folder of a tuning in progress."""
    return settings.tunings_dir / str(tuning_id)


async def _trained(context: JobContext, tuning: Tuning, folder: Path) -> Tuned:
    # The new model's card, which every signed-in person can read, shows the last part of this path. So it must not be
    # the project's name, which only its members may know.
    data = folder / "verified" / f"project-{tuning.project_id.hex[:8]}"
    if not (folder / _HELD_OUT).exists():
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await _export(context, tuning, data)

    async def on_progress(progress: TuningProgress) -> None:
        shown = TuningProgressRead.model_validate(progress.model_dump(exclude={"t"}))
        await _report(context, tuning.id, shown)

    async def is_wanted() -> bool:
        async with context.sessions.begin() as session:
            return await queries.is_wanted(session, tuning.id)

    training = Training(
        data=data,
        run=folder / "run",
        name=tuning.name,
        base_model=tuning.base_reference,
        num_steps=tuning.num_steps,
        held_out=tuple((folder / _HELD_OUT).read_text().split()),
        catalogue_data_dir=context.settings.catalogue_data_dir,
    )
    return await run_training(training, on_progress=on_progress, is_wanted=is_wanted)


async def _export(context: JobContext, tuning: Tuning, data: Path) -> None:
    """Write the satisfactory masklets in SA-V's layout, and a list of the held-out videos."""
    async with context.sessions.begin() as session:
        chosen = [UUID(key) for key in (*tuning.training, *tuning.held_out)]
        videos = await queries.videos_by_id(session, chosen)
    await asyncio.to_thread(data.mkdir, parents=True)
    held_out: list[str] = []
    for done, video in enumerate(videos):
        progress = TuningProgressRead(stage="exporting", done=done, total=len(videos), loss=None, seconds_left=None)
        await _report(context, tuning.id, progress)
        choice = Choice(only_satisfactory=True, frames_as=FrameFiles.video)
        exported = await read_video(context, video, Tally(), choice)
        if exported is None:
            continue  # its verdicts have been withdrawn
        written = await asyncio.to_thread(SaV().write_video, exported)
        for file in written.files:
            await asyncio.to_thread(_put, data, file)
        if str(video.id) in tuning.held_out:
            held_out.append(str(written.id))
    if not held_out:
        raise TuningFailed("The verdicts of the held-out videos were taken back: nothing is left to judge by.")
    partial = folder_of(context.settings, tuning.id) / f"{_HELD_OUT}.partial"
    partial.write_text("\n".join(held_out))
    partial.replace(partial.with_suffix(""))


def _put(data: Path, file: ExportedFile) -> None:
    target = data / file.path
    if isinstance(file.content, bytes):
        target.write_bytes(file.content)
        return
    try:
        os.link(file.content, target)  # safe, because the store's objects never change
    except OSError:
        shutil.copyfile(file.content, target)


async def _report(context: JobContext, tuning_id: UUID, progress: TuningProgressRead) -> None:
    async with context.sessions.begin() as session:
        tuning = await queries.tuning(session, tuning_id)
        if tuning is None:
            raise JobWithdrawn
        tuning.progress = progress.model_dump()
    unit = "steps" if progress.stage == "training" else "parts"
    await context.report(progress.done, progress.total, message=progress.stage, unit=unit)


async def _store(context: JobContext, tuning_id: UUID, tuned: Tuned) -> None:
    async with context.sessions.begin() as session:
        tuning = await queries.tuning(session, tuning_id, lock=True)
        if tuning is None:
            raise JobWithdrawn
        tuning.version = tuned.version
        tuning.comparison = [measure.model_dump() for measure in tuned.comparison]
        await remember_version(session, tuned.version, tuned.name)
        await context.finish(session)
