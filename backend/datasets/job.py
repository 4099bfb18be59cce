"""The durable job that writes an export.

It can run again after a crash: its folder is recreated, its object's key has the digest of its content, and the export
is finished in the transaction that finishes the job.
"""

import asyncio
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from backend.datasets import queries
from backend.datasets.archive import Archive
from backend.datasets.content import Tally, counts_of, read_video
from backend.datasets.formats.format import DatasetWriter, ExportedVideo
from backend.datasets.formats.registry import FORMATS
from backend.datasets.problems import NothingToExport
from backend.datasets.queries import Rules
from backend.jobs.context import JobContext, JobKind, JobWithdrawn
from backend.storage.objects import dataset_prefix, sha256_of
from backend.storage.staging_area import work_folder
from backend.tables import Export, Video

MANIFEST = "maskloom_manifest.json"


async def _export(context: JobContext) -> None:
    async with context.sessions.begin() as session:
        export = await queries.export_of_job(session, context.job_id)
        if export is None:
            raise JobWithdrawn
        videos = await queries.videos_of(session, export.project_id)
        rules = await queries.rules_of(session, export.project_id)
    async with work_folder(context.settings.staging_dir / f"export-{context.job_id}") as folder:
        path = folder / "dataset.zip"
        tally = await _write(context, export, videos, rules, path)
        key = export_key(export, await asyncio.to_thread(sha256_of, path))
        size = path.stat().st_size
        await context.store.put(key, path)
    async with context.sessions.begin() as session:
        stored = await queries.lock_export(session, export.id)
        if stored is not None:
            stored.key, stored.size_bytes, stored.report = key, size, tally.report()
            await context.finish(session)
    if stored is None:  # deleted meanwhile, and its files with it
        await context.store.delete_under(dataset_prefix(export.project_id, export.id))
        raise JobWithdrawn


EXPORT_KIND = JobKind(_export)


async def _write(context: JobContext, export: Export, videos: Sequence[Video], rules: Rules, path: Path) -> Tally:
    writer = FORMATS[export.format].writer()
    tally = Tally()
    videos = tally.usable(videos)
    with Archive(path) as archive:
        for done, video in enumerate(videos):
            await context.report(done, len(videos), message=video.name, unit="videos")
            exported = await read_video(
                context,
                video,
                tally,
                only_satisfactory=bool(export.options["only_satisfactory"]),
                min_edited_frames=rules.min_edited_frames,
            )
            if exported is not None:
                await asyncio.to_thread(_add_video, archive, writer, exported, tally)
        if not tally.videos:
            raise NothingToExport(_why_nothing(tally))
        await asyncio.to_thread(_add_files, archive, writer)
        archive.add(MANIFEST, _manifest(export, archive, tally))
    await context.report(len(videos), len(videos), unit="videos")
    return tally


def _add_video(archive: Archive, writer: DatasetWriter, video: ExportedVideo, tally: Tally) -> None:
    written = writer.write_video(video)
    for file in written.files:
        archive.add(file.path, file.content)
    tally.videos.append({"name": video.name, "id": str(video.id), **counts_of(video), **written.report})


def _add_files(archive: Archive, writer: DatasetWriter) -> None:
    for file in writer.finish():
        archive.add(file.path, file.content)


def _manifest(export: Export, archive: Archive, tally: Tally) -> bytes:
    manifest = {
        "format": export.format,
        "options": export.options,
        "tool": {"name": "Maskloom", "version": version("maskloom")},
        "model_versions": sorted(tally.models),
        "report": tally.report(),
        "videos": tally.videos,
        "files": archive.files,
    }
    return json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False).encode()


def _why_nothing(tally: Tally) -> str:
    if not tally.left_out:
        return "The project has no video that is ready."
    return "Left out: " + ", ".join(
        f"{count} {what.replace('_', ' ')}" for what, count in sorted(tally.left_out.items())
    )


def export_key(export: Export, sha256: str) -> str:
    return f"{dataset_prefix(export.project_id, export.id)}/{sha256}/dataset.zip"
