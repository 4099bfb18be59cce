"""Turn what was read of a dataset into masklets, and take them back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.pointers import move_to_masks
from backend.annotation.record.revisions import mask_values
from backend.imports import queries
from backend.imports.content.harvest import FoundObject, FoundValues, Harvest, Owner, whole
from backend.imports.content.ontology import FoundOntology
from backend.imports.ontology_matches import OntologyMatch, Terms, match_ontology
from backend.imports.problems import NothingToImport
from backend.imports.survey import SurveyedVideo
from backend.imports.video_matches import VideoMatch
from backend.masklets.edit_rules import Request, lock_video, raise_version, record_action
from backend.masklets.headers import Author
from backend.masklets.queries import phase_of_project
from backend.masklets.run_end import DELETED, leave_runs
from backend.masklets.service import NewMasklet, begin_masklet
from backend.masklets.work import Handover, bring_tasks, drop_idle_task, open_video_task
from backend.ontology.description import Description
from backend.ontology.schemas import AttributeScope, AttributeValue, Ontology
from backend.ontology.service import extend_ontology, ontology_of, read_ontology
from backend.ontology.values import with_values
from backend.tables import ImportedDataset, Masklet, Video
from backend.tables.states import ActionKind, MaskSource, Phase, WorkState
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
    ontology: FoundOntology
    matches: Sequence[VideoMatch]
    on_object: OnObject


@dataclass(slots=True)
class _Writing:
    """What stays the same for all objects, and what could not be taken."""

    plan: Plan
    phase: Phase
    work: WorkState
    terms: Terms
    num_without_class: int = 0
    num_values_left_out: int = 0

    def described(self, found: FoundObject, values: FoundValues) -> Description:
        """An object's class and values in the project's words."""
        class_id = self.terms.class_of(found.label)
        if found.label is not None and class_id is None and _takes_classes(self.plan):
            self.num_without_class += 1
        return Description(class_id=class_id, sets_class=class_id is not None, values=self.taken(values))

    def taken(self, values: FoundValues) -> list[AttributeValue]:
        if _takes_values(self.plan):
            self.num_values_left_out += len(values.keys() - self.terms.attributes.keys())
        return self.terms.values(values)


async def write_masklets(session: AsyncSession, plan: Plan) -> dict[str, Any]:
    """Make all masklets of the matches, in the caller's one transaction. Returns what is reported of them.

    Raises:
        NothingToImport: no video is matched.
    """
    by_key = {key: video_id for video_id, key, _found in plan.harvest.videos()}
    wanted = [(match, match.video.id) for match in plan.matches if match.video is not None and match.fault is None]
    if not wanted:
        raise NothingToImport
    # In one order and before the ontology, as whoever edits or replaces it does: nobody waits for somebody who waits.
    wanted.sort(key=lambda each: each[1])
    videos = [await lock_video(session, video_id, ready=True) for _match, video_id in wanted]
    match, terms = await _terms(session, plan, [each.found for each, _video_id in wanted])
    work = _WORK[str(plan.imported.options.get("then", "annotate"))]
    writing = _Writing(plan, await phase_of_project(session, plan.imported.project_id), work, terms)
    written = [
        await _write_video(session, writing, each, video, by_key[each.found.key])
        for (each, _video_id), video in zip(wanted, videos, strict=True)
    ]
    return {
        "videos": written,
        "num_objects": sum(each["num_objects"] for each in written),
        "num_classes_made": len(match.new_classes),
        "num_attributes_made": len(match.new_attributes),
        "num_without_class": writing.num_without_class,
        "num_values_left_out": writing.num_values_left_out,
    }


async def take_back(session: AsyncSession, imported: ImportedDataset) -> int:
    """Delete an import's masklets, whoever holds a task there. Returns how many stay: those that somebody worked on.

    What it said of videos goes where nobody has said anything else since. Classes and attributes stay.
    """
    found = await queries.masklets_of(session, imported.id)
    said = {UUID(each["video_id"]): each.get("values", {}) for each in (imported.report or {}).get("videos", [])}
    by_video = {video_id: list(group) for video_id, group in groupby(found, key=lambda masklet: masklet.video_id)}
    kept = 0
    present = await queries.present_videos(session, by_video.keys() | said.keys())
    for video_id in present:
        video = await lock_video(session, video_id)
        worked_on = await queries.worked_on(session, imported.id)  # under the lock, so that nobody begins meanwhile
        members = by_video.get(video_id, [])
        going = [masklet for masklet in members if masklet.id not in worked_on]
        kept += len(members) - len(going)
        await leave_runs(session, video, [masklet.id for masklet in going], DELETED)
        for masklet in going:
            masklet.deleted = True
            raise_version(session, video, masklet)
        values = said.get(video_id, {})
        video.attributes = {each: now for each, now in video.attributes.items() if values.get(each) != now}
        await session.flush()
        await drop_idle_task(session, video_id)
    return kept


async def _terms(session: AsyncSession, plan: Plan, videos: Sequence[SurveyedVideo]) -> tuple[OntologyMatch, Terms]:
    """What the dataset's classes and attributes are here. Those that are not here yet are made."""

    def matched(here: Ontology) -> OntologyMatch:
        take = {"classes": _takes_classes(plan), "values": _takes_values(plan)}
        return match_ontology(plan.ontology, here, videos, **take)

    imported = plan.imported
    match = matched((await read_ontology(session, imported.project_id)).ontology)
    if not match.adds:
        here = await ontology_of(session, imported.project_id)
        return match, matched(here).terms(here)

    def extended(here: Ontology) -> Ontology:
        nonlocal match
        match = matched(here)  # as it is under the lock
        return match.added_to(here)

    ontology = await extend_ontology(session, imported.project_id, extended, actor_id=imported.created_by)
    return match, match.terms(ontology)


def _takes_classes(plan: Plan) -> bool:
    return plan.imported.options.get("labels", "classes") == "classes"


def _takes_values(plan: Plan) -> bool:
    return bool(plan.imported.options.get("take_attributes", True))


async def _write_video(
    session: AsyncSession, writing: _Writing, match: VideoMatch, video: Video, found_id: int
) -> dict[str, Any]:
    plan, harvest = writing.plan, writing.plan.harvest
    ready = ReadyVideo.of(video)
    annotated = await asyncio.to_thread(harvest.frames, found_id, annotated=True)
    objects = await asyncio.to_thread(lambda: list(harvest.objects(found_id)))
    count = 0
    for object_id, key, found, num_visible in objects:
        if not num_visible:
            continue
        masklet = await _begin(session, writing, video, found, _values_of(plan, "object", object_id))
        request = Request(ActionKind.import_masklet, masklet.id, _provenance(plan, match, key, found), automatic=True)
        author = Author(uuid4(), plan.imported.created_by)
        action = await record_action(session, video, author, request, masklet_id=masklet.id)
        size = (ready.height, ready.width)
        masks = await asyncio.to_thread(lambda: whole(found, harvest.masks(object_id), annotated, size=size))  # noqa: B023
        for first in range(0, len(masks), _MASKS_AT_ONCE):
            rows = [
                mask_values(action, masklet, match.indexes[each.number], each.mask, MaskSource.imported)
                | {"stability": each.stability}
                for each in masks[first : first + _MASKS_AT_ONCE]
            ]
            await move_to_masks(session, video, action, rows, {})
        if writing.work is WorkState.verifying:
            await bring_tasks(session, masklet, Handover())
        count += 1
        await plan.on_object(video.name)
        session.expunge(action)
    if count and writing.work is WorkState.annotating:
        await open_video_task(session, video.id, Handover())  # one for all of them
    said = _say_of_video(writing, video, _values_of(plan, "video", found_id))
    return {"key": match.found.key, "video_id": str(video.id), "num_objects": count, "values": said}


async def _begin(
    session: AsyncSession, writing: _Writing, video: Video, found: FoundObject, values: FoundValues
) -> Masklet:
    plan = writing.plan
    new = NewMasklet(
        created_by=plan.imported.created_by,
        phase=writing.phase,
        name=found.name,
        noun=found.label or "Object",
        description=writing.described(found, values),
        ontology=writing.terms.ontology,
        number=found.number,
        origin=found.origin,
        work=writing.work,
        import_id=plan.imported.id,
    )
    return await begin_masklet(session, video, new)


def _values_of(plan: Plan, owner: Owner, owner_id: int) -> FoundValues:
    """None of a dataset without attributes, which may have been read before datasets had any."""
    return plan.harvest.values(owner, owner_id) if plan.ontology.attributes else {}


def _say_of_video(writing: _Writing, video: Video, found: FoundValues) -> dict[str, Any]:
    """Say what the dataset says of a video and its frames, unless somebody has said something else here."""
    values = with_values(
        writing.terms.ontology,
        {},
        writing.taken(found),
        scopes=(AttributeScope.frame, AttributeScope.video),
        num_frames=video.num_frames or 0,
    )
    new = {each: timeline for each, timeline in values.items() if each not in video.attributes}
    writing.num_values_left_out += sum(video.attributes.get(each, now) != now for each, now in values.items())
    video.attributes = video.attributes | new
    return new


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
