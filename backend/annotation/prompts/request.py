"""A stored prompt as a request to the model server."""

from backend.annotation.record.schemas import PromptSetWrite
from backend.annotation.tracking.histories import Continuation
from backend.annotation.tracking.tracking_client import UNPLACED
from backend.tables import PromptSet
from model_server.contract.prompts import FramePrompts, PromptRequest


def prompt_request(
    prompts: PromptSet, continuation: Continuation, *, memory: bool, replay: bool = False
) -> PromptRequest:
    """The request for a prompt's mask, with every field of the stored prompt set.

    With `memory` the mask depends on the object's memory bank; without, on the frame's image and the prompts alone.
    Nobody waits for a `replay`.
    """
    asked = {name: getattr(prompts, name) for name in PromptSetWrite.model_fields}
    return PromptRequest(
        epoch=UNPLACED,
        object_id=str(prompts.masklet_id),
        base_token=continuation.base_token,
        token=continuation.token,
        frame_index=prompts.frame_index,
        prompt=FramePrompts.model_validate(asked | {"memory": memory}),
        replay=replay,
    )
