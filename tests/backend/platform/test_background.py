"""Background work ends with its block, also where a cancellation is lost."""

import asyncio

import pytest

from backend.background import background, end


async def lives_through_errors(lost: int) -> None:
    """A loop as they are written here, around a library that replaces its first cancellations by an error."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if lost == 0:
                raise
            lost -= 1


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_work_ends_with_its_block(lost: int) -> None:
    async with asyncio.timeout(10):
        async with background(lives_through_errors(lost), lives_through_errors(0), patience_seconds=0.05):
            await asyncio.sleep(0)


async def test_an_error_of_the_work_does_not_hide_what_the_block_raised() -> None:
    async def fails() -> None:
        raise ValueError("of the work")

    async def fail_beside() -> None:
        async with background(fails(), patience_seconds=0.05):
            await asyncio.sleep(0)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_beside()


async def test_what_is_over_is_left_alone() -> None:
    done = asyncio.create_task(asyncio.sleep(0, result=5))
    await done
    await end([done])
    assert done.result() == 5
