"""What people say of objects: their class and the values of their attributes."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import history_queries
from backend.masklets.edit_rules import Request, raise_version, record_action, take_turn
from backend.masklets.headers import Editor
from backend.masklets.schemas import MaskletDescription, MaskletRead
from backend.masklets.service import read_masklet
from backend.ontology.description import describe, put
from backend.ontology.service import ontology_of
from backend.tables import DescriptionChange, Masklet
from backend.tables.states import ActionKind


async def describe_masklet(
    session: AsyncSession, masklet_id: UUID, body: MaskletDescription, editor: Editor
) -> MaskletRead:
    """Set class and values of a masklet. It is an action if it changes something; masks and verdict stay.

    Raises:
        UnknownClass, UnknownAttribute: the ontology has no such class, attribute or value, or the video no such frame.
    """
    request = Request(ActionKind.describe, masklet_id, body.model_dump(mode="json", exclude_unset=True))
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        ontology = await ontology_of(session, turn.video.project_id)
        change = describe(ontology, turn.video, turn.masklet, body.description())
        if change is not None:
            line = turn.masklet.participant_id
            action = await record_action(session, turn.video, editor, request, masklet_id=masklet_id, line=line)
            row = DescriptionChange(
                action_id=action.id, masklet_id=masklet_id, before=change.before, after=change.after
            )
            session.add(row)
            raise_version(session, turn.video, turn.masklet)
    return await read_masklet(session, masklet_id)


async def turn_description(session: AsyncSession, action_id: UUID, masklet: Masklet, *, undone: bool) -> None:
    """Undo or redo what an action said of a masklet."""
    change = await history_queries.description_change(session, action_id, masklet.id)
    if change is not None:
        put(masklet, change.before if undone else change.after)
