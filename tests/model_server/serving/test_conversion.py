"""Prompts on their way from the wire to the model: nothing that a person asked is lost."""

from dataclasses import fields

import numpy as np
import pytest

from model_server.contract.masks import EncodedMask
from model_server.contract.prompts import BoxPrompt, ClickLabel, ClickPrompt, FramePrompts
from model_server.masks import rle
from model_server.segmenter import FramePrompt
from model_server.serving.conversion import frame_prompt
from tests.model_server.moving_disc import HEIGHT, WIDTH, MovingDisc

CLICKS = (ClickPrompt(x=3, y=4, label=ClickLabel.positive),)
EMPTY = EncodedMask(size=(HEIGHT, WIDTH), counts=rle.encode(np.zeros((HEIGHT, WIDTH), bool)))
ASKED = {
    "clicks": FramePrompts(clicks=(*CLICKS, ClickPrompt(x=5, y=6, label=ClickLabel.negative))),
    "box": FramePrompts(clicks=CLICKS, box=BoxPrompt(x0=1, y0=2, x1=8, y1=9)),
    "mask": FramePrompts(mask=EMPTY),
    "candidate": FramePrompts(clicks=CLICKS, candidate=2),
    "memory": FramePrompts(clicks=CLICKS, memory=False),
}


def test_a_prompt_has_the_same_fields_on_the_wire_and_in_the_model():
    assert set(FramePrompts.model_fields) == {field.name for field in fields(FramePrompt)} == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_every_field_of_a_prompt_reaches_the_model(name: str):
    plain = frame_prompt(FramePrompts(clicks=CLICKS), MovingDisc())
    asked = frame_prompt(ASKED[name], MovingDisc())
    assert repr(getattr(asked, name)) != repr(getattr(plain, name))
