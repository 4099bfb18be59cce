"""What judges a model is never trained on, in this turn of the loop or a later one."""

from uuid import UUID, uuid4

from backend.tuning.split import VerifiedVideo, held_out


def video(source: str) -> VerifiedVideo:
    return VerifiedVideo(uuid4(), f"{source}.mp4", source, 1)


def sources(videos: list[VerifiedVideo], kept: set[UUID]) -> set[str]:
    return {each.source for each in videos if each.id in kept}


def test_a_fifth_of_the_sources_is_held_out_and_always_one() -> None:
    for count, kept in ((2, 1), (4, 1), (8, 2), (20, 4)):
        videos = [video(f"source {number}") for number in range(count)]
        assert len(held_out(videos, ())) == kept


def test_one_source_cannot_be_split() -> None:
    assert held_out([video("a"), video("a")], ()) == set()
    assert held_out([], ()) == set()


def test_uploads_of_one_file_stay_on_one_side() -> None:
    videos = [video(f"source {number % 5}") for number in range(15)]
    kept = held_out(videos, ())
    assert len(sources(videos, kept)) == 1
    assert len(kept) == 3


def test_what_was_held_out_once_is_held_out_for_good() -> None:
    videos = [video(f"source {number}") for number in range(3)]
    first = held_out(videos, ())
    for number in range(3, 40):
        videos.append(video(f"source {number}"))
        now = held_out(videos, first)
        assert first <= now
        first = now
    assert len(first) == 8


def test_something_is_left_to_train_on_when_all_others_are_gone() -> None:
    videos = [video("a"), video("b")]
    assert len(held_out(videos, {each.id for each in videos})) == 1
