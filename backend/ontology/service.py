"""Read and replace a project's ontology. What names something of it goes along in the same transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.events.announcement import announce
from backend.ontology import queries
from backend.ontology.changes import Departure, departures, named_in, successors, translated
from backend.ontology.problems import OntologyConflict, OntologyInUse
from backend.ontology.queries import Described
from backend.ontology.schemas import Ontology, OntologyRead, OntologyReplacement
from backend.ontology.timelines import Value
from backend.ontology.validation import identified
from backend.projects.queries import lock_videos_of


async def read_ontology(session: AsyncSession, project_id: UUID) -> OntologyRead:
    stored = await queries.ontology(session, project_id)
    if stored is None:
        return OntologyRead(version=0, ontology=Ontology())
    return OntologyRead(version=stored.version, ontology=Ontology.model_validate(stored.content))


async def ontology_of(session: AsyncSession, project_id: UUID) -> Ontology:
    """A project's ontology, which stays as it is until the transaction ends: for whoever stores ids of it."""
    stored = await queries.ontology(session, project_id, shared=True)
    return Ontology() if stored is None else Ontology.model_validate(stored.content)


async def replace_ontology(
    session: AsyncSession, project_id: UUID, body: OntologyReplacement, *, version: int, actor_id: UUID
) -> OntologyRead:
    """Replace a project's ontology. Ids stay what they were, so new names, colours and orders reach everything.

    Raises:
        UnusableOntology: it contradicts itself, or says what becomes of something that does not go.
        OntologyConflict: it was changed since the version that the caller saw.
        OntologyInUse: something has what would go, and the request does not say what becomes of it.
    """
    await lock_videos_of(session, project_id)  # as every writer does, before anything else
    stored = await queries.lock_ontology(session, project_id, Ontology().model_dump(mode="json"))
    if stored.version != version:
        raise OntologyConflict(
            f"You changed version {version}; it is at version {stored.version} now.", extra={"version": stored.version}
        )
    before = Ontology.model_validate(stored.content)
    after = identified(before, body.ontology)
    gone = departures(before, after)
    await _carry_over(session, project_id, gone, successors(gone, body.becomes))
    stored.version, stored.content = version + 1, after.model_dump(mode="json")
    details: dict[str, Any] = {"num_classes": len(after.classes), "num_attributes": len(after.attributes)}
    if gone:
        details["gone"] = [each.name for each in gone.values()][:20]
    audit(session, "ontology.replaced", actor_id=actor_id, project_id=project_id, details=details)
    await session.flush()
    return OntologyRead(version=stored.version, ontology=after)


async def extend_ontology(
    session: AsyncSession, project_id: UUID, extended: Callable[[Ontology], Ontology], *, actor_id: UUID
) -> Ontology:
    """Add to a project's ontology, which then stays as it is until the transaction ends.

    Whatever was there has to stay, so that no masklet changes. A caller that writes to videos locks them first, as all
    do: who has the ontology must not wait for a video.
    """
    stored = await queries.lock_ontology(session, project_id, Ontology().model_dump(mode="json"))
    before = Ontology.model_validate(stored.content)
    after = extended(before)
    assert not departures(before, after), "an extension takes nothing away"
    if after != before:
        stored.version, stored.content = stored.version + 1, after.model_dump(mode="json")
        details = {"num_classes": len(after.classes), "num_attributes": len(after.attributes)}
        audit(session, "ontology.extended", actor_id=actor_id, project_id=project_id, details=details)
        await session.flush()
    return after


async def _carry_over(
    session: AsyncSession, project_id: UUID, gone: Mapping[UUID, Departure], becomes: Mapping[UUID, UUID | None]
) -> None:
    """Let masklets and videos have what takes the place of what goes."""
    if not gone:
        return
    classes = [old for old, each in gone.items() if each.what == "class"]
    others = [old for old, each in gone.items() if each.what != "class"]
    masklets = await queries.masklets_naming(session, project_id, classes, others)
    videos = await queries.videos_naming(session, project_id, others)
    _require_successors(gone, becomes, [*masklets, *videos])
    all_become = {old: becomes.get(old) for old in gone}  # of hidden ones nobody had to think
    for video_id, group in groupby(masklets, key=lambda masklet: masklet.video_id):
        members = list(group)
        first = await queries.take_numbers(session, video_id, len(members))
        rows = [_rewritten(each, all_become) | {"seq": first + index} for index, each in enumerate(members)]
        await queries.rewrite_masklets(session, rows)
        announce(session, video_id)
    for change in await queries.changes_naming(session, project_id, gone):
        change.before, change.after = (_translated(state, all_become) for state in (change.before, change.after))
    if videos:
        rows = [{"id": each.id, "attributes": translated(each.attributes, all_become)} for each in videos]
        await queries.rewrite_videos(session, rows)


def _translated(state: Mapping[str, Any], becomes: Mapping[UUID, UUID | None]) -> dict[str, Any]:
    """What an action changed, before or after it. What it set to nothing stays set to nothing."""
    found = dict(state)
    if state.get("class_id") is not None:
        class_id = UUID(state["class_id"])
        successor = becomes.get(class_id, class_id)
        found["class_id"] = None if successor is None else str(successor)
    if "attributes" in state:
        kept: dict[str, dict[str, Value]] = {each: {} for each in state["attributes"] if UUID(each) not in becomes}
        found["attributes"] = kept | translated(state["attributes"], becomes)
    return found


def _rewritten(masklet: Described, becomes: Mapping[UUID, UUID | None]) -> dict[str, Any]:
    class_id = masklet.class_id
    return {
        "id": masklet.id,
        "class_id": becomes.get(class_id, class_id) if class_id is not None else None,
        "attributes": translated(masklet.attributes, becomes),
    }


def _require_successors(
    gone: Mapping[UUID, Departure], becomes: Mapping[UUID, UUID | None], described: Sequence[Described]
) -> None:
    counts = Counter[UUID]()
    for each in described:
        if not each.hidden:
            named = named_in(each.attributes) | {str(each.class_id)}
            counts.update(old for old in gone if str(old) in named)
    open_ones = [(old, gone[old], count) for old, count in counts.items() if old not in becomes]
    if not open_ones:
        return
    uses = [{"id": str(old), "what": each.what, "name": each.name, "num": num} for old, each, num in open_ones]
    first = f"The {uses[0]['what']} {uses[0]['name']!r} is in use {uses[0]['num']} times."
    raise OntologyInUse(f"{first} Say what becomes of it.", extra={"uses": uses})
