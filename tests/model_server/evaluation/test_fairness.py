"""Group comparisons: what the intervals must do."""

import numpy as np
import pytest

from model_server.evaluation.fairness import ScoredObject, compare


def objects(scores: dict[str, list[float]], *, per_video: int = 1) -> list[ScoredObject]:
    return [
        ScoredObject(f"{value}-{index // per_video}", str(index), score, {"skin": value})
        for value, listed in scores.items()
        for index, score in enumerate(listed)
    ]


def test_means_and_counts_are_per_group() -> None:
    comparison = compare(objects({"a": [0.5, 0.7], "b": [0.9, 0.9, 0.6]}), "skin")
    a, b = comparison.groups
    assert (a.value, a.num_objects, a.num_videos) == ("a", 2, 2)
    assert a.j_and_f.mean == pytest.approx(0.6)
    assert b.j_and_f.mean == pytest.approx(0.8)
    assert comparison.gap.mean == pytest.approx(0.2)


def test_intervals_hold_the_mean_and_tighten_with_data() -> None:
    rng = np.random.default_rng(0)
    few = compare(objects({"a": list(rng.uniform(0, 1, 8)), "b": list(rng.uniform(0, 1, 8))}), "skin")
    many = compare(objects({"a": list(rng.uniform(0, 1, 200)), "b": list(rng.uniform(0, 1, 200))}), "skin")
    for group in (*few.groups, *many.groups):
        assert group.j_and_f.low < group.j_and_f.mean < group.j_and_f.high
    widths = [max(g.j_and_f.high - g.j_and_f.low for g in comparison.groups) for comparison in (few, many)]
    assert widths[1] < widths[0] / 3


def test_a_real_difference_is_told_from_chance() -> None:
    rng = np.random.default_rng(1)
    apart = compare(objects({"a": list(rng.normal(0.5, 0.1, 60)), "b": list(rng.normal(0.7, 0.1, 60))}), "skin")
    alike = compare(objects({"a": list(rng.normal(0.6, 0.1, 60)), "b": list(rng.normal(0.6, 0.1, 60))}), "skin")
    assert apart.gap.low > 0
    assert alike.gap.low < 0.01


def test_objects_of_one_video_are_not_independent() -> None:
    scores = {"a": [0.2, 0.9] * 20, "b": [0.4, 0.6] * 20}
    paired = [  # twenty videos of one group each, whose two objects are always alike
        ScoredObject(f"{value}-{index // 2}", str(index), listed[(index // 2) % 2], {"skin": value})
        for value, listed in scores.items()
        for index in range(40)
    ]
    together = compare(paired, "skin").groups[0].j_and_f
    apart = compare(objects(scores), "skin").groups[0].j_and_f
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


def test_objects_without_the_attribute_are_left_out_and_one_group_is_refused() -> None:
    scored = [*objects({"a": [0.5]}), ScoredObject("v", "1", 0.1, {})]
    with pytest.raises(ValueError, match="1 groups"):
        compare(scored, "skin")


def test_the_same_seed_gives_the_same_intervals() -> None:
    scored = objects({"a": [0.1, 0.5, 0.9], "b": [0.3, 0.2, 0.8]})
    assert compare(scored, "skin", seed=3) == compare(scored, "skin", seed=3)
