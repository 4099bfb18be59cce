"""One exact rate per video, from times that may be uneven."""

from fractions import Fraction

import pytest

from backend.videos.media.rate import is_uniform, rate_of

MS = Fraction(1, 1000)


def even(rate: Fraction, count: int = 100, base: Fraction = MS) -> list[int]:
    return [round(i / rate / base) for i in range(count)]


@pytest.mark.parametrize(
    "rate", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60), Fraction(10)]
)
def test_rounded_times_of_a_usual_rate_give_that_rate(rate: Fraction) -> None:
    assert rate_of(even(rate), MS, nominal=None) == rate
    assert is_uniform(even(rate), MS, rate)


def test_a_nominal_rate_is_believed_where_the_times_confirm_it() -> None:
    assert rate_of(even(Fraction(17)), MS, nominal=Fraction(17)) == 17


def test_a_nominal_rate_is_not_believed_where_they_do_not() -> None:
    assert rate_of(even(Fraction(30)), MS, nominal=Fraction(5760, 263)) == 30


def test_a_gap_at_the_end_of_a_cut_off_file_does_not_slow_it_down() -> None:
    times = even(Fraction(24))
    assert rate_of([*times, times[-1] + 300], MS, nominal=Fraction(24)) == 24


def test_uneven_times_give_their_average() -> None:
    times = [0, 10, 50, 60, 200, 210, 400, 1000]
    assert rate_of(times, MS, nominal=None) == 7
    assert not is_uniform(times, MS, Fraction(7))


@pytest.mark.parametrize("times", [[], [5], [3, 3, 3]])
def test_without_usable_times_the_rate_is_the_nominal_or_a_usual_one(times: list[int]) -> None:
    assert rate_of(times, MS, nominal=Fraction(15)) == 15
    assert rate_of(times, MS, nominal=None) == 25


@pytest.mark.parametrize(("step", "expected"), [(1, Fraction(240)), (5000, Fraction(1))])
def test_absurd_rates_are_bounded(step: int, expected: Fraction) -> None:
    assert rate_of([i * step for i in range(50)], MS, nominal=None) == expected
