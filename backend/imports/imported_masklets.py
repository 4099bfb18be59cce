"""Turn what was read of a dataset into masklets, and take them back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.pointers import move_to_masks
from backend.annotation.record.revisions import mask_values
from backend.imports import queries
from backend.imports.content.harvest import FoundObject, Harvest, whole
from backend.imports.problems import NothingToImport
from backend.imports.video_matches import VideoMatch
from backend.masklets.edit_rules import Request, lock_video, raise_version, record_action
from backend.masklets.headers import Author
from backend.masklets.queries import phase_of_project
from backend.masklets.run_end import DELETED, leave_runs
from backend.masklets.service import NewMasklet, begin_masklet
from backend.masklets.work import Handover, bring_tasks, drop_idle_task, open_video_task
from backend.tables import ImportedDataset, Video
from backend.tables.states import ActionKind, MaskSource, WorkState
from backend.videos.ready_video import ReadyVideo

_MASKS_AT_ONCE = 500
_WORK = {"annotate": WorkState.annotating, "verify": WorkState.verifying}

OnObject = Callable[[str], Awaitable[None]]
"""Awaited after each object with the name of its video; it raises to stop the import."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An import that is being written, and what of it."""

    imported: ImportedDataset
    harvest: Harvest
    matches: Sequence[VideoMatch]
    on_object: OnObject


async def write_masklets(session: AsyncSession, plan: Plan) -> list[dict[str, Any]]:
    """Make all masklets of the matches, in the caller's one transaction. Returns how many there are of each video.

    Raises:
        NothingToImport: no video is matched.
    """
    by_key = {key: video_id for video_id, key, _found in plan.harvest.videos()}
    wanted = [(match, match.video) for match in plan.matches if match.video is not None and match.fault is None]
    if not wanted:
        raise NothingToImport
    written: list[dict[str, Any]] = []
    wanted.sort(key=lambda each: each[1].id)  # in one order, so that no two imports lock each other
    for match, matched in wanted:
        video = await lock_video(session, matched.id, ready=True)
        num_objects = await _write_video(session, plan, match, video, by_key[match.found.key])
        written.append({"key": match.found.key, "video_id": str(video.id), "num_objects": num_objects})
    return written


async def take_back(session: AsyncSession, imported: ImportedDataset) -> int:
    """Delete an import's masklets, whoever holds a task there. Returns how many stay: those that somebody worked on."""
    found = await queries.masklets_of(session, imported.id)
    kept = 0
    for video_id, group in groupby(found, key=lambda masklet: masklet.video_id):
        video = await lock_video(session, video_id)
        worked_on = await queries.worked_on(session, imported.id)  # under the lock, so that nobody begins meanwhile
        members = list(group)
        going = [masklet for masklet in members if masklet.id not in worked_on]
        kept += len(members) - len(going)
        await leave_runs(session, video, [masklet.id for masklet in going], DELETED)
        for masklet in going:
            masklet.deleted = True
            raise_version(session, video, masklet)
        await session.flush()
        await drop_idle_task(session, video_id)
    return kept


async def _write_video(session: AsyncSession, plan: Plan, match: VideoMatch, video: Video, found_id: int) -> int:
    ready = ReadyVideo.of(video)
    phase = await phase_of_project(session, video.project_id)
    annotated = await asyncio.to_thread(plan.harvest.frames, found_id, annotated=True)
    objects = await asyncio.to_thread(lambda: list(plan.harvest.objects(found_id)))
    work = _WORK[str(plan.imported.options.get("then", "annotate"))]
    count = 0
    for object_id, key, found, num_visible in objects:
        if not num_visible:
            continue
        new = NewMasklet(
            created_by=plan.imported.created_by,
            phase=phase,
            name=found.name,
            number=found.number,
            origin=found.origin,
            work=work,
            import_id=plan.imported.id,
        )
        masklet = await begin_masklet(session, video, new)
        request = Request(ActionKind.import_masklet, masklet.id, _provenance(plan, match, key, found), automatic=True)
        author = Author(uuid4(), plan.imported.created_by)
        action = await record_action(session, video, author, request, masklet_id=masklet.id)
        size = (ready.height, ready.width)
        masks = await asyncio.to_thread(lambda: whole(found, plan.harvest.masks(object_id), annotated, size=size))  # noqa: B023
        for first in range(0, len(masks), _MASKS_AT_ONCE):
            rows = [
                mask_values(action, masklet, match.indexes[each.number], each.mask, MaskSource.imported)
                | {"stability": each.stability}
                for each in masks[first : first + _MASKS_AT_ONCE]
            ]
            await move_to_masks(session, video, action, rows, {})
        if work is WorkState.verifying:
            await bring_tasks(session, masklet, Handover())
        count += 1
        await plan.on_object(video.name)
        session.expunge(action)
    if count and work is WorkState.annotating:
        await open_video_task(session, video.id, Handover())  # one for all of them
    return count


def _provenance(plan: Plan, match: VideoMatch, key: str, found: FoundObject) -> dict[str, Any]:
    """Where an object comes from, kept in its first action."""
    return {
        "tool": "import",
        "import": str(plan.imported.id),
        "file": plan.imported.file_name,
        "sha256": plan.imported.sha256,
        "format": plan.imported.format,
        "video": match.found.key,
        "object": key,
        "uuid": found.uuid,
    }
