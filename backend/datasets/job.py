"""The durable job behind an export. It may run again after a crash: its folder is made anew, its object's key
holds the digest of its content, and the export is finished in one transaction with the job.
"""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backend.datasets import queries
from backend.datasets.archive import Archive
from backend.datasets.formats.format import ExportedMasklet, ExportedVideo, ExportFormat
from backend.datasets.formats.registry import FORMATS
from backend.datasets.problems import NothingToExport
from backend.datasets.queries import Rules
from backend.jobs.context import JobContext, JobWithdrawn, Kind
from backend.storage.objects import export_prefix, sha256_of
from backend.tables import Export, Masklet, Video
from backend.tables.states import Origin, VerdictKind
from backend.videos.split import split_of

MANIFEST = "maskloom_manifest.json"


@dataclass(slots=True)
class Tally:
    """What was written so far, and what was left out."""

    videos: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)

    def report(self) -> dict[str, Any]:
        counted = ("num_masklets", "num_annotated_frames", "num_masks", "num_absent", "num_unknown")
        totals = {name: sum(video[name] for video in self.videos) for name in counted}
        return {"num_videos": len(self.videos), **totals, "left_out": dict(sorted(self.left_out.items()))}


async def _export(context: JobContext) -> None:
    async with context.sessions.begin() as session:
        export = await queries.export_of_job(session, context.job_id)
        if export is None:
            raise JobWithdrawn
        videos = await queries.ready_videos(session, export.project_id)
        rules = await queries.rules_of(session, export.project_id)
    folder = context.settings.staging_dir / f"export-{context.job_id}"
    await asyncio.to_thread(_make_anew, folder)
    try:
        path = folder / "dataset.zip"
        tally = await _write(context, export, videos, rules, path)
        key = export_key(export, await asyncio.to_thread(sha256_of, path))
        size = path.stat().st_size
        await context.store.put(key, path)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    async with context.sessions.begin() as session:
        stored = await queries.export(session, export.id)
        if stored is None:
            raise JobWithdrawn
        stored.key, stored.size_bytes, stored.report = key, size, tally.report()
        await context.finish(session)


EXPORT_KIND = Kind(_export)


async def _write(context: JobContext, export: Export, videos: Sequence[Video], rules: Rules, path: Path) -> Tally:
    format = FORMATS[export.format]
    tally = Tally()
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
                await asyncio.to_thread(_add, archive, format, exported, tally)
        if not tally.videos:
            raise NothingToExport(_why_nothing(tally))
        archive.add(MANIFEST, _manifest(export, archive, tally))
    await context.report(len(videos), len(videos), unit="videos")
    return tally


async def read_video(
    context: JobContext, video: Video, tally: Tally, *, only_satisfactory: bool, min_edited_frames: int = 0
) -> ExportedVideo | None:
    """One video as of one moment; None when none of its masklets is exported."""
    async with context.sessions() as session:
        # One snapshot for all of a video: half an undo must not be in it.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        rules = await queries.rules_of(session, video.project_id)
        chosen: list[ExportedMasklet] = []
        for masklet in await queries.masklets_of(session, video.id):
            masks, touched = await queries.current_masks(session, masklet.id)
            on_grid = any(mask.area > 0 and frame % video.stride == 0 for frame, mask in masks.items())
            edited = sum(frame % video.stride == 0 for frame in touched)
            easy = masklet.origin is Origin.manual and edited < min_edited_frames
            reason = _left_out(masklet, only_satisfactory=only_satisfactory, on_grid=on_grid)
            reason = reason or ("masklets_too_easy" if easy else None)
            if reason is None:
                origin = Origin.manual if touched else masklet.origin  # one that a person worked on is theirs
                chosen.append(ExportedMasklet(masklet.id, masklet.name, origin, masks, touched))
            else:
                tally.left_out[reason] += 1
        tally.models.update(await queries.model_versions(session, [masklet.id for masklet in chosen]))
    if not chosen:
        tally.left_out["videos_without_masklets"] += 1
        return None
    assert video.width
    assert video.height
    assert video.num_frames
    assert video.fps_num
    assert video.fps_den
    assert video.proxy_key
    return ExportedVideo(
        id=video.id,
        name=video.name,
        width=video.width,
        height=video.height,
        num_frames=video.num_frames,
        fps_num=video.fps_num,
        fps_den=video.fps_den,
        stride=video.stride,
        environment=video.environment,
        split=split_of(video, rules.shares),
        proxy=context.store.local_path(video.proxy_key),
        masklets=chosen,
    )


def _left_out(masklet: Masklet, *, only_satisfactory: bool, on_grid: bool) -> str | None:
    if masklet.verdict is VerdictKind.rejected:
        return "rejected_masklets"
    if masklet.origin is Origin.auto and masklet.verdict is not VerdictKind.satisfactory:
        return "unverified_automatic_masklets"  # as in SA-V, where people verified every one
    if only_satisfactory and masklet.verdict is not VerdictKind.satisfactory:
        return "unverified_masklets"
    return None if on_grid else "masklets_never_visible"


def _add(archive: Archive, format: ExportFormat, video: ExportedVideo, tally: Tally) -> None:
    written = format.write(video)
    for file in written.files:
        archive.add(file.path, file.content)
    tally.videos.append({"name": video.name, "id": str(video.id), **written.report})


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
    return f"{export_prefix(export.project_id)}/{export.id}/{sha256}/dataset.zip"


def _make_anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
