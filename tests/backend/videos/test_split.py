"""Train, val and test follow from the source of a video."""

from backend.videos.split import Shares, split_of_source

SOURCES = [f"author {number}" for number in range(4000)]


def test_shares_are_kept_over_many_sources() -> None:
    shares = Shares(val=20, test=10)
    sides = [split_of_source(source, shares) for source in SOURCES]
    for side, percent in (("val", 20), ("test", 10), ("train", 70)):
        assert abs(sides.count(side) / len(SOURCES) - percent / 100) < 0.03


def test_larger_shares_take_no_source_out_of_val_or_test() -> None:
    small, large = Shares(val=5, test=5), Shares(val=30, test=40)
    for source in SOURCES[:500]:
        before = split_of_source(source, small)
        assert before == "train" or split_of_source(source, large) == before


def test_without_shares_everything_is_train() -> None:
    assert {split_of_source(source, Shares(0, 0)) for source in SOURCES[:200]} == {"train"}
    assert {split_of_source(source, Shares(0, 100)) for source in SOURCES[:200]} == {"test"}
