"""Two annotators and a verifier, in every order that a seed can think of: no lost update, no double lease."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.db.engine import Sessions
from backend.tables import Action, FrameState
from backend.tables.states import ActionKind
from tests.backend.tasks.crew import Crew
from tests.backend.tasks.shift import Shift, new_video

STEPS = 16


@pytest.mark.parametrize("seeds", [range(3)], ids=["3 seeds"])
async def test_no_update_is_lost_and_no_task_is_held_twice(crew: Crew, sessions: Sessions, seeds: range) -> None:
    counts = await play(crew, sessions, seeds)
    # The seeds must have been a struggle, or nothing was tested.
    assert counts["accepted"] > 5 * len(seeds)
    assert counts["lease-lost"] > 0
    assert counts["lease-held"] > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_thousand_interleavings(crew: Crew, sessions: Sessions) -> None:
    print(dict(await play(crew, sessions, range(1000, 2000))))


async def play(crew: Crew, sessions: Sessions, seeds: range) -> Counter[str]:
    """Every seed at a video of its own; what was tried and refused."""
    counts: Counter[str] = Counter()
    people = [crew.ann, crew.ben, crew.vera]
    for seed in seeds:
        video = await new_video(sessions, [person.user_id for person in people])
        shift = Shift(seed, [replace(person, video=video, versions={}, lease=None) for person in people], sessions)
        await shift.work(STEPS)
        await check(shift, sessions)
        counts += shift.told.counts
    return counts


async def check(shift: Shift, sessions: Sessions) -> None:
    """What is stored is what was acknowledged, in the order of the history, less what was undone."""
    video_id = shift.people[0].video.video_id
    async with sessions.begin() as session:
        drawings = select(Action).where(Action.video_id == video_id, Action.kind == ActionKind.edit_mask)
        actions = (await session.scalars(drawings.order_by(Action.order))).all()
        states = (await session.scalars(select(FrameState).where(FrameState.video_id == video_id))).all()
    assert {str(action.id) for action in actions} == set(shift.told.drawn), f"seed {shift.seed}"
    expected: dict[tuple[str, int], str] = {}
    for action in actions:
        masklet, frame, mask = shift.told.drawn[str(action.id)]
        if not action.undone:
            expected[masklet, frame] = mask
    stored = {(str(state.masklet_id), state.frame_index): str(state.mask_id) for state in states if state.mask_id}
    assert stored == expected, f"seed {shift.seed}"
