"""A token names a history and nothing else."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.annotation.tracking.tokens import TokenStep, history_token

ids = st.integers(0, 5).map(lambda number: UUID(int=number))
histories = st.lists(st.builds(TokenStep, ids, st.none() | st.integers(0, 3)))


def test_no_history_is_the_empty_token() -> None:
    assert history_token([]) == ""


@given(histories, histories)
def test_two_histories_share_a_token_only_if_they_are_the_same(one: list[TokenStep], other: list[TokenStep]) -> None:
    assert (history_token(one) == history_token(other)) == (one == other)


def test_a_propagation_that_stopped_early_is_another_history_than_one_that_did_not() -> None:
    run = UUID(int=7)
    assert (
        len({history_token([TokenStep(run)]), history_token([TokenStep(run, 0)]), history_token([TokenStep(run, 3)])})
        == 3
    )
