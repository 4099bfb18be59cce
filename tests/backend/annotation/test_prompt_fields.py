"""A field of a prompt set is stored, shown and put to the model, or it is an error: none gets lost on the way."""

from typing import get_args
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from backend.annotation.prompts.request import prompt_request
from backend.annotation.record.frame_queries import PROMPT_PREFIX
from backend.annotation.record.schemas import Prompt, PromptSetRead, PromptSetWrite
from backend.annotation.record.views import frame_read
from backend.annotation.tracking.histories import Continuation
from backend.tables import PromptSet, Video
from model_server.contract.prompts import FramePrompts, PromptRequest

MASKLET = UUID(int=1)
FIELDS = set(PromptSetWrite.model_fields)
POSITIVE = {"x": 70.0, "y": 140.0, "label": "positive"}
NEGATIVE = {"x": 20.0, "y": 30.0, "label": "negative"}
BOX = {"x0": 10.0, "y0": 20.0, "x1": 110.0, "y1": 120.0}


class StrokePrompts(PromptSetWrite):
    """A prompt set with a field that neither the table nor the wire has yet."""

    strokes: tuple[int, ...] = (1,)


def asked(body: PromptSetWrite) -> PromptRequest:
    prompts = PromptSet(masklet_id=MASKLET, frame_index=3, **body.model_dump(mode="json"))
    return prompt_request(prompts, Continuation("before", "after"), memory=False)


def test_every_field_is_a_column_is_shown_and_is_on_the_wire() -> None:
    assert set(PromptSetRead.model_fields) == FIELDS
    assert set(PromptSet.__table__.columns.keys()) >= FIELDS
    assert set(FramePrompts.model_fields) >= FIELDS


@pytest.mark.parametrize(
    "given",
    [
        {"clicks": [POSITIVE, NEGATIVE], "box": None, "candidate": 2},
        {"clicks": [POSITIVE], "box": BOX, "candidate": None},
    ],
)
def test_what_was_given_is_put_to_the_model_and_shown_field_by_field(given: dict[str, object]) -> None:
    assert set(given) == FIELDS, "give the new field a value here"
    request = asked(PromptSetWrite.model_validate(given))
    assert request.prompt.model_dump(mode="json", include=FIELDS) == given
    assert (request.frame_index, request.base_token, request.token) == (3, "before", "after")
    assert not request.prompt.memory
    row = {PROMPT_PREFIX + name: value for name, value in given.items()} | {
        "masklet_id": MASKLET,
        "frame_index": 3,
        "seq": 1,
        "locked": False,
        "mask_id": None,
        "prompt_set_id": uuid4(),
    }
    shown = frame_read(row, Video()).prompts  # type: ignore[arg-type] - a mapping, as rows are
    assert shown is not None
    assert shown.model_dump(mode="json") == given


def test_a_field_that_the_wire_or_the_table_lacks_is_an_error() -> None:
    body = StrokePrompts.model_validate({"clicks": [POSITIVE]})
    with pytest.raises(ValidationError, match="strokes"):
        FramePrompts.model_validate(body.model_dump(mode="json") | {"memory": False})
    with pytest.raises(TypeError, match="strokes"):
        PromptSet(masklet_id=MASKLET, frame_index=3, **body.model_dump(mode="json"))


def test_every_kind_of_prompt_is_among_those_that_are_checked() -> None:
    body = PromptSetWrite.model_validate({"clicks": [POSITIVE], "box": BOX})
    assert {type(prompt) for prompt in body.prompts()} == set(get_args(Prompt))
