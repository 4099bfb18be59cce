"""Which frames a propagation visits, and from where it sets out."""

import pytest

from model_server.headless.history import History
from model_server.headless.steps import Clear, Course, Prompt, Propagate, Remove
from model_server.segmenter import Click, FramePrompt

ASKED = FramePrompt((Click(1, 1, True),))


def prompted(*frames: tuple[str, int], reference: bool = False, num_frames: int = 6) -> History:
    history = History(num_frames, reference)
    for name, frame in frames:
        history.note(Prompt(name, frame, ASKED))
    return history


def walk(history: History, step: Propagate) -> list[tuple[int, str, str]]:
    return [(visit.frame_index, visit.direction[0], "".join(visit.object_ids)) for visit in history.visits(step)]


ONWARD = [(2, "f", "a"), (3, "f", "a"), (4, "f", "ab"), (5, "f", "ab")]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("forward", ONWARD),
        ("backward", [(4, "b", "b"), (3, "b", "b"), (2, "b", "ab"), (1, "b", "ab"), (0, "b", "ab")]),
        ("both", [*ONWARD, (3, "b", "b"), (2, "b", "b"), (1, "b", "ab"), (0, "b", "ab")]),
    ],
)
def test_every_object_goes_outward_from_its_own_prompt(course: Course, expected: list[tuple[int, str, str]]):
    assert walk(prompted(("a", 2), ("b", 4)), Propagate(course)) == expected


def test_both_ways_visit_every_object_on_every_frame_once():
    visited = walk(prompted(("a", 1), ("b", 5), ("a", 3)), Propagate("both"))
    pairs = [(frame, name) for frame, _, names in visited for name in names]
    assert sorted(pairs) == [(frame, name) for frame in range(6) for name in "ab"]


def test_a_range_and_a_start_hold_for_all_objects():
    history = prompted(("a", 2), ("b", 4))
    assert walk(history, Propagate("both", 3, 1, 4)) == [(3, "f", "ab"), (4, "f", "ab"), (2, "b", "ab"), (1, "b", "ab")]
    assert walk(history, Propagate("forward", 3, object_ids=("b",))) == [(frame, "f", "b") for frame in (3, 4, 5)]


def test_the_reference_sets_out_from_the_earliest_prompt_of_any_object():
    history = prompted(("a", 2), ("b", 4), reference=True)
    assert walk(history, Propagate()) == [(frame, "f", "ab") for frame in (2, 3, 4, 5)]


@pytest.mark.parametrize("reference", [False, True])
def test_a_correction_conditions_only_by_our_rules(reference: bool):
    history = prompted(("a", 0), reference=reference)
    walk(history, Propagate())
    history.note(Prompt("a", 4, ASKED))
    assert history.conditioning["a"] == ({0} if reference else {0, 4})


def test_a_prompt_taken_back_is_no_place_to_set_out_from():
    history = prompted(("a", 0), ("a", 3), ("b", 1))
    history.note(Clear("a", 0))
    history.note(Remove("b"))
    assert walk(history, Propagate()) == [(frame, "f", "a") for frame in (3, 4, 5)]


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        (
            (5,),
            [
                (2, "f", "a"),
                (3, "f", "a"),
                (4, "f", "ab"),
                (3, "b", "b"),
                (2, "b", "b"),
                (1, "b", "ab"),
                (0, "b", "ab"),
            ],
        ),
        ((3,), [(2, "f", "a"), (4, "f", "b"), (5, "f", "b"), (1, "b", "a"), (0, "b", "a")]),
        ((2, 4), [(3, "f", "a"), (5, "f", "b"), (3, "b", "b"), (1, "b", "a"), (0, "b", "a")]),
    ],
)
def test_objects_stop_at_locked_frames_and_leave_a_locked_start(
    locked: tuple[int, ...], expected: list[tuple[int, str, str]]
):
    assert walk(prompted(("a", 2), ("b", 4)), Propagate("both", locked=locked)) == expected
