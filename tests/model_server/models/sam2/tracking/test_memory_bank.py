"""Which frames a frame attends to: integers in, integers out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model_server.models.sam2.memory import MemoryRules, select
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.packed import PointerShelf
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame

FRAMES = st.sets(st.integers(0, 60), max_size=25)
RULES = st.builds(
    MemoryRules,
    slots=st.integers(2, 8),
    max_pointers=st.integers(2, 16),
    stride=st.integers(1, 4),
    max_conditioning=st.none() | st.integers(2, 6),
)


def test_the_previous_frame_has_slot_0_the_oldest_5_and_a_prompt_6() -> None:
    selection = select([0], range(1, 20), 20, "forward", MemoryRules())
    assert selection.maps == ((0, 6), (14, 5), (15, 4), (16, 3), (17, 2), (18, 1), (19, 0))


def test_tracking_backwards_mirrors_the_memories() -> None:
    selection = select([30], range(21, 30), 20, "backward", MemoryRules())
    assert selection.maps == ((30, 6), (26, 5), (25, 4), (24, 3), (23, 2), (22, 1), (21, 0))


def test_missing_memories_are_left_out_without_moving_the_others() -> None:
    assert select([0], [3, 5], 6, "forward", MemoryRules()).maps == ((0, 6), (3, 2), (5, 0))


def test_a_stride_keeps_the_previous_frame_and_then_takes_multiples() -> None:
    selection = select([0], range(1, 20), 18, "forward", MemoryRules(stride=5))
    assert selection.maps == ((0, 6), (5, 3), (10, 2), (15, 1), (17, 0))


def test_a_future_prompt_is_attended_to_but_its_pointer_is_not() -> None:
    selection = select([2, 9], [3, 4], 5, "forward", MemoryRules())
    assert selection.maps[:2] == ((2, 6), (9, 6))
    assert selection.pointers == ((2, 3), (4, 1), (3, 2))


def test_the_nearest_prompts_win_and_a_dropped_one_serves_as_an_ordinary_memory() -> None:
    selection = select([0, 10, 18, 30, 50], [19], 20, "forward", MemoryRules(max_conditioning=2))
    assert selection.maps == ((18, 6), (30, 6), (19, 0))
    selection = select([16, 18, 21], [19], 20, "forward", MemoryRules(max_conditioning=2))
    assert selection.maps == ((18, 6), (21, 6), (16, 3), (19, 0))


def test_pointer_ages_are_shares_of_the_longest_one() -> None:
    selection = select([0], range(1, 30), 30, "forward", MemoryRules())
    assert selection.age(15) == 1.0
    assert max(distance for frame, distance in selection.pointers if frame != 0) == 15


@given(FRAMES, FRAMES, st.integers(0, 60), st.sampled_from(["forward", "backward"]), RULES)
def test_a_selection_is_bounded_and_remembered(conditioning, tracked, frame_index, direction, rules) -> None:
    conditioning, tracked = conditioning - {frame_index}, tracked - conditioning - {frame_index}
    selection = select(conditioning, tracked, frame_index, direction, rules)
    limit = len(conditioning) if rules.max_conditioning is None else rules.max_conditioning
    assert len(selection.maps) <= min(limit, len(conditioning)) + rules.slots - 1
    assert len(selection.pointers) <= min(limit, len(conditioning)) + rules.max_pointers - 1
    assert {frame for frame, _ in (*selection.maps, *selection.pointers)} <= conditioning | tracked
    assert {slot for _, slot in selection.maps} <= set(range(rules.slots))
    past = [frame < frame_index if direction == "forward" else frame > frame_index for frame, _ in selection.pointers]
    assert all(past)
    frames = [frame for frame, _ in selection.maps]
    assert len(frames) == len(set(frames))


@given(FRAMES, FRAMES, st.integers(0, 60), RULES)
def test_both_directions_are_mirror_images(conditioning, tracked, frame_index, rules) -> None:
    def mirrored(frames):
        return {-frame for frame in frames}

    forward = select(conditioning, tracked, frame_index, "forward", rules)
    backward = select(mirrored(conditioning), mirrored(tracked), -frame_index, "backward", rules)
    if rules.max_conditioning is None:  # with a limit, "nearest before" is before in the video in both directions
        assert {(-frame, slot) for frame, slot in backward.maps} == set(forward.maps)
        assert {(-frame, distance) for frame, distance in backward.pointers} == set(forward.pointers)


def make_frame(is_conditioning: bool) -> RememberedFrame:
    frame = RememberedFrame("prompted" if is_conditioning else "tracked", 5.0, 0.9, is_conditioning)
    frame.logits, frame.features = torch.ones(1, 1, 8, 8), torch.zeros(1, 4, 2, 2)
    return frame


def make_bank(num_tracked: int) -> MemoryBank:
    return MemoryBank({index: make_frame(index == 0) for index in range(num_tracked + 1)})


def test_shedding_keeps_the_neighbourhood_the_prompts_and_every_mask() -> None:
    bank = make_bank(40)
    bank.shed(40, reach=7, max_frames=0)
    assert [index for index, frame in bank.frames.items() if frame.holds_tensors] == [0, *range(33, 41)]
    assert all(frame.mask is not None and frame.mask.unpack().all() for frame in list(bank.frames.values())[1:33])


def test_nothing_is_shed_within_the_budget() -> None:
    bank = make_bank(40)
    before = bank.num_bytes()
    bank.shed(40, reach=7, max_frames=40)
    assert bank.num_bytes() == before


@pytest.mark.parametrize("max_frames", [0, 5, 20])
def test_the_farthest_frames_are_shed_first(max_frames: int) -> None:
    bank = make_bank(40)
    bank.shed(10, reach=2, max_frames=max_frames)
    kept = [abs(index - 10) for index, frame in bank.frames.items() if frame.holds_tensors and index != 0]
    shed = [abs(index - 10) for index, frame in bank.frames.items() if not frame.holds_tensors]
    assert max(kept) <= min(shed)


def test_pointers_share_blocks_and_each_stays_what_it_was() -> None:
    pointers = {index: torch.randn(1, 8) for index in range(2 * PointerShelf.ROWS + 3)}
    bank = MemoryBank()
    for index, pointer in pointers.items():
        frame = RememberedFrame("tracked", 1.0, 1.0, False, logits=torch.ones(1, 1, 4, 4), object_pointer=pointer)
        bank.remember(index, frame)
        bank.shed(index, reach=0, max_frames=0)
    bank.shed(10**6, reach=0, max_frames=0)
    for index, pointer in pointers.items():
        assert torch.equal(bank.frames[index].pointer(torch.device("cpu")), pointer)  # type: ignore[arg-type]
    blocks = {id(frame.shelved_pointer.block) for frame in bank.frames.values() if frame.shelved_pointer}
    assert len(blocks) == 3


def test_a_shed_frame_keeps_its_pointer_to_the_bit() -> None:
    bank = make_bank(5)
    pointer = torch.randn(1, 16)
    bank.frames[1].object_pointer = pointer.clone()
    bank.shed(5, reach=0, max_frames=0)
    assert bank.frames[1].object_pointer is None
    kept = bank.frames[1].pointer(torch.device("cpu"))
    assert kept is not None
    assert torch.equal(kept, pointer)


def test_a_shed_memory_that_is_made_again_is_shed_again() -> None:
    bank = make_bank(20)
    bank.shed(20, reach=2, max_frames=0)
    for index, frame in bank.attended(bank.select(8, "forward", MemoryRules())):
        if index:
            frame.features = torch.zeros(1, 4, 2, 2)
    bank.shed(20, reach=2, max_frames=0)
    assert [index for index, frame in bank.frames.items() if frame.holds_tensors] == [0, 18, 19, 20]


@given(st.lists(st.tuples(st.sampled_from(["remember", "shed", "attend", "forget", "demote"]), st.integers(0, 12))))
def test_the_bytes_of_a_bank_are_those_of_its_frames(edits: list[tuple[str, int]]) -> None:
    bank = make_bank(12)
    for edit, index in edits:
        match edit:
            case "remember":
                bank.remember(index, make_frame(index % 3 == 0))
            case "shed":
                bank.shed(index, reach=1, max_frames=index)
            case "attend":
                bank.attended(bank.select(index, "forward", MemoryRules()))
            case "forget":
                bank.forget(index)
            case _:
                bank.demote(index)
    assert bank.num_bytes() == sum(frame.num_bytes() for frame in bank.frames.values())
    assert bank.conditioning == sorted(index for index, frame in bank.frames.items() if frame.is_conditioning)
