"""The durable job that writes an export.

It can run again after a crash: its folder is recreated, its object's key has the digest of its content, and the export
is finished in the transaction that finishes the job.
"""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.datasets import queries
from backend.datasets.archive import Archive
from backend.datasets.content import Choice, OntologyChanged, Tally, read_video
from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    DatasetWriter,
    ExportedFile,
    ExportedVideo,
    ExportFormat,
    FrameFiles,
    Overlaps,
)
from backend.datasets.formats.registry import FORMATS
from backend.datasets.manifest import MANIFEST, Manifest, Provenance
from backend.datasets.problems import NothingToExport
from backend.datasets.queries import Rules
from backend.datasets.schemas import ExportChoices
from backend.jobs.context import JobContext, JobKind, JobWithdrawn, ProblemBody, Workplace
from backend.ontology.problems import OntologyConflict
from backend.ontology.schemas import OntologyRead
from backend.ontology.service import read_ontology
from backend.storage.objects import dataset_prefix, sha256_of
from backend.storage.staging_area import work_folder
from backend.tables import Export, Job, Video
from backend.videos.media.protocol import Stills
from backend.videos.media_process import write_stills
from backend.videos.problems import UnusableVideo
from backend.webhooks.outbox import tell_export_done, tell_export_failed

_MOST_STARTS = 5


async def _export(context: JobContext) -> None:
    # Each video has a snapshot of its own, but what files call a class holds for the whole dataset. Another ontology in
    # the middle of it would leave files that contradict each other and the manifest, so the dataset is begun anew.
    for _ in range(_MOST_STARTS):
        async with context.sessions.begin() as session:
            order = await _order(session, context.job_id)
        with suppress(OntologyChanged):
            await _carry_out(context, order)
            return
    raise OntologyConflict(f"It was changed {_MOST_STARTS} times while the dataset was written. Export again later.")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be exported, as of the start."""

    export: Export
    videos: Sequence[Video]
    rules: Rules
    ontology: OntologyRead


async def _order(session: AsyncSession, job_id: UUID) -> Order:
    export = await queries.export_of_job(session, job_id)
    if export is None:
        raise JobWithdrawn
    chosen = ExportChoices.model_validate(export.options).video_ids
    return Order(
        export,
        videos=await queries.videos_of(session, export.project_id, chosen=chosen),
        rules=await queries.rules_of(session, export.project_id),
        ontology=await read_ontology(session, export.project_id),
    )


async def _carry_out(context: JobContext, order: Order) -> None:
    export = order.export
    async with work_folder(context.settings.staging_dir / f"export-{context.job_id}") as folder:
        path = folder / "dataset.zip"
        report = await Dataset(context, order, folder).write(path)
        key = export_key(export, await asyncio.to_thread(sha256_of, path))
        size = path.stat().st_size
        await context.store.put(key, path)
    async with context.sessions.begin() as session:
        stored = await queries.lock_export(session, export.id)
        if stored is not None:
            stored.key, stored.size_bytes, stored.report = key, size, report
            await tell_export_done(session, stored)
            await context.finish(session)
    if stored is None:  # deleted meanwhile, and its files with it
        await context.store.delete_under(dataset_prefix(export.project_id, export.id))
        raise JobWithdrawn


async def _fail(session: AsyncSession, job: Job, problem: ProblemBody, _workplace: Workplace) -> None:
    export = None if job.export_id is None else await queries.export(session, job.export_id)
    if export is not None:
        await tell_export_failed(session, export, problem)


EXPORT_KIND = JobKind(_export, on_failure=_fail)


class Dataset:
    """A dataset that is being written into a folder, video by video."""

    def __init__(self, context: JobContext, order: Order, folder: Path) -> None:
        """Begin with an empty folder.

        Raises:
            UnknownClass: a class that was chosen is gone.
        """
        self._context = context
        self._order = order
        self._folder = folder
        self._form: ExportFormat = FORMATS[order.export.format]
        self._asked = ExportChoices.model_validate(order.export.options)
        self._ontology = DatasetOntology(order.ontology.ontology, self._asked.classes)
        self._choice = Choice(
            only_satisfactory=self._asked.only_satisfactory,
            frames_as=self._asked.frames or self._form.frames[0],
            every_frame=self._asked.every_frame,
            min_edited_frames=order.rules.min_edited_frames,
            splits=self._asked.splits,
            origins=self._asked.origins,
            classes=None if self._asked.classes is None else set(self._asked.classes),
            empty_objects=self._asked.empty_objects,
            overlaps=self._asked.overlaps or Overlaps.later_on_top,
            ontology_version=order.ontology.version,
        )
        self._manifest = Manifest(folder)
        self._tally = Tally()

    async def write(self, path: Path) -> dict[str, Any]:
        """Write the archive. Returns its report.

        Raises:
            NothingToExport: no video has an object that it would hold.
            OntologyChanged: the project's ontology changed meanwhile.
        """
        usable = self._tally.usable(self._order.videos)
        total, done = sum(video.num_frames or 0 for video in usable), 0
        writer = self._form.writer(self._folder, self._ontology)
        with Archive(path) as archive:
            for video in usable:
                await self._context.report(done, total, message=video.name, unit="frames")
                await self._add(archive, writer, video, progress=(done, total))
                done += video.num_frames or 0
            self._note_omissions()
            if not self._manifest.totals.num_videos:
                raise NothingToExport(_why_nothing(self._manifest.totals.left_out))
            await asyncio.to_thread(self._archive, archive, writer.finish())
            provenance = await self._provenance()
            archive.add(MANIFEST, await asyncio.to_thread(self._manifest.written, self._form, provenance))
            await asyncio.to_thread(archive.close)
        await self._context.report(total, total, unit="frames")
        return self._manifest.totals.report()

    async def _add(self, archive: Archive, writer: DatasetWriter, video: Video, *, progress: tuple[int, int]) -> None:
        exported = await read_video(self._context, video, self._tally, self._choice)
        self._note_omissions()
        if exported is None:
            return
        pictures = self._folder / "pictures"
        if exported.frames_as in (FrameFiles.jpeg, FrameFiles.png):
            exported = await self._with_pictures(exported, pictures, progress=progress)
        await asyncio.to_thread(self._add_video, archive, writer, exported)
        await asyncio.to_thread(shutil.rmtree, pictures, ignore_errors=True)

    async def _with_pictures(self, video: ExportedVideo, folder: Path, *, progress: tuple[int, int]) -> ExportedVideo:
        """The video with pictures of its frames in the folder."""
        start, total = progress

        async def on_progress(done: int, _of: int, _pace: float | None) -> None:
            await self._context.report(start + done, total, message=video.name, unit="frames")

        await asyncio.to_thread(folder.mkdir)
        stride = 1 if self._form.every_picture else video.stride
        wanted = Stills(stride, video.num_frames, picture="png" if video.frames_as is FrameFiles.png else "jpeg")
        try:
            pictures = await write_stills(
                video.proxy, folder, wanted, settings=self._context.settings, on_progress=on_progress
            )
        except UnusableVideo as problem:
            raise UnusableVideo(f"{video.name} {problem.detail}.") from None
        return replace(video, pictures=pictures)

    def _add_video(self, archive: Archive, writer: DatasetWriter, video: ExportedVideo) -> None:
        written = writer.write_video(video)
        self._archive(archive, written.files)
        self._manifest.add_video(video, written)

    def _archive(self, archive: Archive, files: Iterable[ExportedFile]) -> None:
        for file in files:
            self._manifest.add_file(archive.add(file.path, file.content))

    def _note_omissions(self) -> None:
        for omission in self._tally.left_out:
            self._manifest.add_omission(omission)
        self._tally.left_out.clear()

    async def _provenance(self) -> Provenance:
        async with self._context.sessions.begin() as session:
            names = await queries.model_names(session, self._tally.models)
        rules, shares = self._order.rules, self._order.rules.shares
        return Provenance(
            project={"uuid": str(self._order.export.project_id), "name": rules.name},
            settings={
                **self._asked.model_dump(mode="json"),
                "min_edited_frames": rules.min_edited_frames,
                "val_percent": shares.val,
                "test_percent": shares.test,
            },
            models=[{"version": each, "name": names.get(each)} for each in sorted(self._tally.models)],
            changed_at=self._tally.changed_at,
            ontology=self._ontology.whole,
        )


def _why_nothing(left_out: Mapping[str, int]) -> str:
    if not left_out:
        return "The project has no video that is ready."
    return "Left out: " + ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in sorted(left_out.items()))


def export_key(export: Export, sha256: str) -> str:
    return f"{dataset_prefix(export.project_id, export.id)}/{sha256}/dataset.zip"
