"""Undo and redo against a simple model: what holds is every action that was not undone, one after the other."""

import random
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from tests.backend.workplace import Annotator, click, disk

Frame = tuple[str, int]  # masklet, frame index
Held = tuple[str | None, Any]  # mask id, prompts
NUM_STEPS = 45
FRAMES = [2, 5, 8]


@dataclass
class Simple:
    """The history as a list; nothing is ever moved back, it is folded again from the start."""

    done: list[tuple[str, dict[Frame, Held], dict[str, bool]]] = field(default_factory=list)
    undone: list[tuple[str, dict[Frame, Held], dict[str, bool]]] = field(default_factory=list)

    def act(self, action: str, frames: dict[Frame, Held], deleted: dict[str, bool] | None = None) -> None:
        self.done.append((action, frames, deleted or {}))
        self.undone.clear()

    def frames(self) -> dict[Frame, Held]:
        held: dict[Frame, Held] = {}
        for _action, frames, _deleted in self.done:
            held |= frames
        return {frame: what for frame, what in held.items() if what != (None, None)}

    def present(self) -> list[str]:
        deleted: dict[str, bool] = {}
        for _action, _frames, flags in self.done:
            deleted |= flags
        return [masklet for masklet, gone in deleted.items() if not gone]


def held(frame: dict[str, Any]) -> Held:
    return (frame["mask"]["id"] if frame["mask"] else None, frame["prompts"])


async def do_something(annotator: Annotator, simple: Simple, rng: random.Random) -> None:
    """One random action, undo or redo, on both."""
    present = simple.present()
    choices = (
        ["create"] if not present else ["create", "delete", *["prompt", "draw", "clear", "run", "undo", "redo"] * 3]
    )
    what, key = rng.choice(choices), uuid4()
    masklet, frame = rng.choice(present) if present else "", rng.choice(FRAMES)
    if what == "create":
        made = await annotator.create_masklet(key=key)
        simple.act(str(key), {}, {made: False})
    elif what == "delete":
        assert (await annotator.delete(masklet, key=key)).status_code == 200
        simple.act(str(key), {}, {masklet: True})
    elif what == "undo" and simple.done:
        simple.undone.append(simple.done.pop())
        assert (await annotator.history("undo", simple.undone[-1][0])).status_code == 200
    elif what == "redo" and simple.undone:
        simple.done.append(simple.undone.pop())
        assert (await annotator.history("redo", simple.done[-1][0])).status_code == 200
    elif what in ("prompt", "draw", "clear"):
        await edit(annotator, simple, what, masklet, frame, rng)
    elif what == "run":
        await run(annotator, simple, masklet, frame)


async def edit(annotator: Annotator, simple: Simple, what: str, masklet: str, frame: int, rng: random.Random) -> None:
    key, x, y = uuid4(), rng.randrange(40, 280), rng.randrange(60, 200)
    if what == "prompt":
        answer = await annotator.prompt(masklet, frame, click(x, y), key=key)
    elif what == "draw":
        answer = await annotator.draw(masklet, frame, disk(x, y, 20), key=key)
    else:
        answer = await annotator.clear(masklet, frame, key=key)
    assert answer.status_code == 200, answer.text
    if what != "clear" or (masklet, frame) in simple.frames():
        simple.act(str(key), {(masklet, frame): held(answer.json()["frame"])})


async def run(annotator: Annotator, simple: Simple, masklet: str, frame: int) -> None:
    before, key = (await annotator.changes())["seq"], uuid4()
    answer = await annotator.start_run([masklet], frame, first_frame=0, last_frame=9, key=key)
    if answer.status_code == 409:
        return  # nothing to start from
    assert (await annotator.run_ended(answer.json()["id"]))["state"] == "done"
    changed = (await annotator.changes(after=before))["frames"]
    protected = {at for at, (_mask, prompts) in simple.frames().items() if prompts}
    assert protected.isdisjoint((masklet, frame["frame_index"]) for frame in changed)
    if changed:
        simple.act(str(key), {(masklet, state["frame_index"]): held(state) for state in changed})


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))])
async def test_what_holds_is_every_action_that_was_not_undone(annotator: Annotator, seed: int) -> None:
    rng, simple, last_seq = random.Random(seed), Simple(), 0
    for _step in range(NUM_STEPS):
        await do_something(annotator, simple, rng)
        found = await annotator.changes()
        frames = {(frame["masklet_id"], frame["frame_index"]): held(frame) for frame in found["frames"]}
        assert {at: what for at, what in frames.items() if what != (None, None)} == simple.frames()
        assert [masklet["id"] for masklet in found["masklets"] if not masklet["deleted"]] == simple.present()
        top = found["history"]
        assert (top["undo"] or {"id": None})["id"] == (simple.done[-1][0] if simple.done else None)
        assert (top["redo"] or {"id": None})["id"] == (simple.undone[-1][0] if simple.undone else None)
        assert found["seq"] >= last_seq
        last_seq = found["seq"]


async def test_only_the_latest_action_can_be_undone(annotator: Annotator) -> None:
    masklet, first, second = await annotator.create_masklet(), uuid4(), uuid4()
    await annotator.draw(masklet, 2, disk(100, 100, 20), key=first)
    await annotator.draw(masklet, 3, disk(100, 100, 20), key=second)
    answer = await annotator.history("undo", str(first))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:maskloom:problem:not-the-latest-action")


async def test_repeating_an_undo_undoes_nothing_more(annotator: Annotator) -> None:
    masklet, first, second = await annotator.create_masklet(), uuid4(), uuid4()
    await annotator.draw(masklet, 2, disk(100, 100, 20), key=first)
    await annotator.draw(masklet, 3, disk(100, 100, 20), key=second)
    assert (await annotator.history("undo", str(second))).status_code == 200
    assert (await annotator.history("undo", str(second))).status_code == 200
    assert sorted(await annotator.frames(masklet)) == [2]


async def test_a_new_action_ends_what_could_be_redone(annotator: Annotator) -> None:
    masklet, first = await annotator.create_masklet(), uuid4()
    await annotator.draw(masklet, 2, disk(100, 100, 20), key=first)
    await annotator.undo_top()
    await annotator.draw(masklet, 3, disk(100, 100, 20))
    assert (await annotator.changes())["history"]["redo"] is None
    assert (await annotator.history("redo", str(first))).status_code == 409
