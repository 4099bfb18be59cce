"""The order of a study is balanced, whoever and whatever takes part."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from backend.studies.design import Assignment, counterbalanced

PHASES = ("one", "two", "three")


@given(people=st.integers(1, 12), objects=st.integers(1, 20))
def test_everybody_does_every_object_once_and_in_an_order(people: int, objects: int) -> None:
    plan = counterbalanced(people, list(range(objects)), PHASES)
    for person in range(people):
        own = [each for each in plan if each.person == person]
        assert sorted(each.object for each in own) == list(range(objects))
        assert [each.position for each in own] == list(range(objects))


@given(squares=st.integers(1, 4), objects=st.integers(1, 20))
def test_in_a_square_an_object_is_done_once_under_each_phase_and_always_at_the_same_point(
    squares: int, objects: int
) -> None:
    plan = counterbalanced(squares * len(PHASES), list(range(objects)), PHASES)
    for square in range(squares):
        of_square = [each for each in plan if each.person // len(PHASES) == square]
        for number in range(objects):
            done = [each for each in of_square if each.object == number]
            assert sorted(each.phase for each in done) == sorted(PHASES)
            assert len({each.position for each in done}) == 1


def test_three_squares_bring_every_group_of_objects_to_every_point() -> None:
    plan = counterbalanced(9, list(range(3)), PHASES)
    seen = Counter((each.object, each.position) for each in plan)
    assert set(seen.values()) == {3}
    assert len(seen) == 9


def test_three_people_do_the_phases_in_the_rows_of_a_latin_square() -> None:
    plan = counterbalanced(3, ["a", "b", "c"], PHASES)
    rows = [[each.phase for each in plan if each.person == person] for person in range(3)]
    assert rows == [["one", "two", "three"], ["two", "three", "one"], ["three", "one", "two"]]
    assert plan[0] == Assignment(person=0, object="a", phase="one", position=0)
