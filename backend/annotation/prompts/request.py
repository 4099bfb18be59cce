"""A stored prompt as a request to the model server."""

from uuid import UUID

from backend.annotation.tracking.histories import Continuation
from backend.annotation.tracking.tracking_client import UNPLACED
from backend.tables import Action
from backend.tables.states import ActionKind
from model_server.contract.prompts import FramePrompts, PromptRequest


def prompt_request(
    masklet_id: UUID, action: Action, continuation: Continuation, *, memory: bool, replay: bool = False
) -> PromptRequest:
    """The request for a prompt's mask, with every field of the stored prompt set.

    With `memory` the mask depends on the object's memory bank; without, on the frame's image and the prompts alone.
    Nobody waits for a `replay`.
    """
    assert action.kind is ActionKind.prompt
    return PromptRequest(
        epoch=UNPLACED,
        object_id=str(masklet_id),
        base_token=continuation.base_token,
        token=continuation.token,
        frame_index=action.request["frame_index"],
        prompt=FramePrompts.model_validate(action.request["body"] | {"memory": memory}),
        replay=replay,
    )
