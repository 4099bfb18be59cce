"""The caller's end of the protocol. The program has read a stranger's file: nothing it says or leaves is trusted."""

import os
import stat
from asyncio import StreamReader
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter

from backend.videos.media import protocol
from backend.videos.media.protocol import Made

LONGEST_LINE = 4 * 1024 * 1024
RESULTS = (protocol.PROXY, protocol.POSTER, protocol.FILMSTRIP, protocol.FRAME_TABLE)
_NUL = rb"\u0000"  # which JSON may hold and Postgres may not

_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Size = Annotated[int, Field(ge=1, lt=2**31)]
_Sentence = Annotated[str, StringConstraints(max_length=500)]


class NonsenseError(ValueError):
    """The media program said or left something that it never does unless somebody else speaks through it."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ProgressAnswer(_Answer):
    t: Literal["progress"]
    done: _Count
    total: _Count
    frames_per_second: Annotated[float, Field(ge=0)] | None


class UnusableAnswer(_Answer):
    t: Literal["unusable"]
    reason: _Sentence


class _Filmstrip(_Answer):
    tile_width: _Size
    tile_height: _Size
    columns: _Size
    frame_indices: list[_Count]


class MadeAnswer(_Answer):
    t: Literal["made"]
    width: _Size
    height: _Size
    num_frames: _Size
    fps_num: _Size
    fps_den: _Size
    filmstrip: _Filmstrip
    source: dict[str, JsonValue]
    warnings: Annotated[list[_Sentence], Field(max_length=100)]

    def made(self) -> Made:
        return Made(**self.model_dump(exclude={"t"}))


class StillsAnswer(_Answer):
    t: Literal["stills"]


Answer = ProgressAnswer | UnusableAnswer | MadeAnswer | StillsAnswer
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="t")])


async def answers(output: StreamReader) -> AsyncIterator[Answer]:
    """Each line of the program's output, checked.

    Raises:
        NonsenseError: a line is none that the program writes.
    """
    while True:
        try:
            line = await output.readline()
            if not line:
                return
            answer = _ANSWER.validate_json(line)
        except ValueError as error:  # also a line without end
            raise NonsenseError("an unknown line") from error
        if _NUL in line:
            raise NonsenseError("a NUL character")
        yield answer


def require_plain_files(folder: Path, names: Iterable[str] = RESULTS) -> None:
    """Check that each result is a file of its own: no link to another person's, no pipe that never ends.

    Raises:
        NonsenseError: one is not.
    """
    for name in names:
        try:
            status = (folder / name).lstat()
        except OSError as error:
            raise NonsenseError(f"no {name}") from error
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise NonsenseError(f"{name} is not a file of its own")


def end_of(text: BinaryIO, *, num_bytes: int) -> str:
    """The end of a text, which may be very long."""
    text.seek(max(0, text.seek(0, os.SEEK_END) - num_bytes))
    return text.read().decode(errors="replace")
