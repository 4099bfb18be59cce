"""Gather the evidence for the figures: read it in the request's transaction, then compute in a thread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.insights import queries
from backend.insights.alignment import Agreement, agreement, size_of
from backend.insights.facts import Edit, Evidence, Judgement, MaskletFacts
from backend.insights.filter import Filter
from backend.insights.queries import GridMasks
from backend.tables.states import Phase
from backend.timing.attribution import annotation_seconds, attribute
from backend.timing.derivation import derive_at
from backend.timing.events import IDLE_CHOICES, Derived, Event
from backend.timing.queries import events_around


@dataclass(frozen=True, slots=True)
class Gathered:
    """The data that was read, before any computation."""

    which: Filter
    masklets: Sequence[MaskletFacts]
    twins: Mapping[UUID, UUID]
    videos: frozenset[UUID]
    events: Sequence[Event]
    edits: Mapping[UUID, Sequence[Edit]]
    judgements: Mapping[UUID, Sequence[Judgement]]
    masks: Mapping[UUID, GridMasks]
    names: Mapping[UUID, str]

    def evidence(self) -> Evidence:
        """Compute seconds and agreements. This takes a while, so call it in a thread."""
        at_limits = derive_at(self.events, [self.which.idle_seconds, *IDLE_CHOICES])
        derived = self._admitted(at_limits[self.which.idle_seconds])
        at_idle = {limit: annotation_seconds(self._admitted(at_limits[limit]).spans) for limit in IDLE_CHOICES}
        return Evidence(
            which=self.which,
            masklets=self.masklets,
            edits=self.edits,
            judgements=self.judgements,
            derived=derived,
            time=attribute(derived.spans),
            agreements=self._agreements(),
            names=self.names,
            at_idle=at_idle,
        )

    def _admitted(self, derived: Derived) -> Derived:
        """Time in the project, of the person asked for. Overlaps with work elsewhere were cut before."""
        person, videos = self.which.person, self.videos

        def admits(user_id: UUID, video_id: UUID) -> bool:
            return video_id in videos and (person is None or user_id == person)

        return Derived(
            [span for span in derived.spans if admits(span.user_id, span.key.video_id)],
            [gap for gap in derived.gaps if admits(gap.user_id, gap.key.video_id)],
            [sitting for sitting in derived.sittings if admits(sitting.user_id, sitting.video_id)],
        )

    def _agreements(self) -> dict[UUID, Agreement]:
        areas = {found.masklet_id: found.first_area for found in self.masklets}
        found: dict[UUID, Agreement] = {}
        for masklet_id, twin_id in self.twins.items():
            if masklet_id in self.masks and twin_id in self.masks:
                twin = self.masks[twin_id]
                found[masklet_id] = agreement(
                    self.masks[masklet_id].masks,
                    twin.masks,
                    height=twin.height,
                    width=twin.width,
                    size=size_of(areas.get(twin_id)),
                )
        return found


async def gather(session: AsyncSession, which: Filter) -> Gathered:
    """Read the data of a project."""
    masklets = await queries.masklets(session, which.project_id)
    ids = [found.masklet_id for found in masklets]
    twins = twins_of(masklets)
    videos = await queries.video_ids(session, which.project_id)
    events = await events_around(session, videos)
    edits = await queries.edits(session, ids)
    people = {event.user_id for event in events} | {edit.actor_id for of in edits.values() for edit in of}
    judgements = await queries.judgements(session, ids)
    people |= {judgement.verifier_id for of in judgements.values() for judgement in of}
    people |= {found.created_by for found in masklets}
    return Gathered(
        which=which,
        masklets=masklets,
        twins=twins,
        videos=frozenset(videos),
        events=events,
        edits=edits,
        judgements=judgements,
        masks=await queries.grid_masks(session, {*twins.keys(), *twins.values()}),
        names=await queries.names(session, people),
    )


def twins_of(masklets: Sequence[MaskletFacts]) -> dict[UUID, UUID]:
    """For each masklet of phases 2 and 3, the phase-1 masklet of the same object that was begun first."""
    by_object: defaultdict[str, list[MaskletFacts]] = defaultdict(list)
    for found in sorted(masklets, key=lambda found: (found.created_at, found.masklet_id)):
        by_object[found.object_key].append(found)
    twins: dict[UUID, UUID] = {}
    for group in by_object.values():
        first = next((found for found in group if found.phase is Phase.sam_per_frame), None)
        if first is not None:
            twins |= {found.masklet_id: first.masklet_id for found in group if found.phase is not Phase.sam_per_frame}
    return twins
