"""Run the media program: in its cage, for a limited time, and killed with the caller."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

import structlog

from backend.jobs.context import Interrupted
from backend.processes import die_with_parent
from backend.settings import Settings
from backend.storage.room import NO_ROOM
from backend.videos.decoder_cage import decoder_cage
from backend.videos.media.answers import (
    LONGEST_LINE,
    RESULTS,
    Answer,
    MadeAnswer,
    NonsenseError,
    ProgressAnswer,
    StillsAnswer,
    UnusableAnswer,
    answers,
    end_of,
    require_plain_files,
)
from backend.videos.media.protocol import Made, Options, Stills
from backend.videos.problems import UnusableVideo

_log = structlog.get_logger()
_CHECKOUT = Path(__file__).resolve().parents[2]
_MAX_LOGGED_BYTES = 2000

_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS}
"""How a program dies by its own doing. The kernel's memory killer and people send others."""

_LastWord = TypeVar("_LastWord", MadeAnswer, StillsAnswer)

OnProgress = Callable[[int, int, float | None], Awaitable[None]]
"""Awaited with the frames done, the total, and frames per second if known."""


class DecoderCrashed(Exception):
    """The program died by its own doing. The message names the signal."""


async def run_media_program(
    source: Path, folder: Path, options: Options, *, seconds: float, on_progress: OnProgress
) -> Made:
    """Turn the source into a video of record in the folder.

    Raises:
        UnusableVideo: the file cannot become one. The detail is a predicate whose subject is the file's name.
        DecoderCrashed: a decoder crashed, most likely over this file.
        Interrupted: the program was killed from outside, which says nothing of the file.
        OSError: the disk is full.
    """
    made = await _run((source, folder, options), MadeAnswer, RESULTS, seconds=seconds, on_progress=on_progress)
    return made.made()


async def write_stills(
    proxy: Path, folder: Path, wanted: Stills, *, settings: Settings, on_progress: OnProgress
) -> dict[int, Path]:
    """Write frames of a video of record into the folder as pictures. Returns their files by frame index.

    Raises:
        As `run_media_program`.
    """
    options = options_from(settings, long_side=0)
    files = {frame: folder / wanted.name(frame) for frame in wanted.frames}
    names = [path.name for path in files.values()]
    work = (proxy, folder, options, wanted)
    await _run(work, StillsAnswer, names, seconds=settings.max_ingest_seconds, on_progress=on_progress)
    return files


async def _run(
    work: tuple[Path, Path, Options] | tuple[Path, Path, Options, Stills],
    wanted: type[_LastWord],
    results: Iterable[str],
    *,
    seconds: float,
    on_progress: OnProgress,
) -> _LastWord:
    """Run the program until it has given such an answer, and left these files in the folder."""
    source, folder, *orders = work
    with TemporaryFile(dir=folder) as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "backend.videos.media", str(source), str(folder)),
            *(json.dumps(asdict(order)) for order in orders),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=media_environment(folder),
            cwd=folder,
            limit=LONGEST_LINE,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        try:
            outcome = await _outcome(process, seconds, on_progress)
            if isinstance(outcome, UnusableAnswer):
                raise UnusableVideo(outcome.reason)
            if isinstance(outcome, wanted) and process.returncode == 0:
                require_plain_files(folder, results)
                return outcome
            words = end_of(errors, num_bytes=_MAX_LOGGED_BYTES)
            _log.warning("media.failed", status=process.returncode, errors=words)
        except NonsenseError as error:
            _log.error("media.nonsense", detail=str(error))  # perhaps an attack, so it is loud
            raise UnusableVideo("makes the decoder answer nonsense") from None
    raise _failure(process.returncode, words)


def options_from(settings: Settings, *, long_side: int) -> Options:
    """The options by the settings, with every wall that this machine can build."""
    return Options(
        long_side=long_side,
        max_pixels=settings.max_pixels,
        max_frames=settings.max_frames,
        max_memory_bytes=settings.max_ingest_memory_bytes,
        max_cpu_seconds=settings.max_ingest_seconds * 4,
        walls=decoder_cage().standing,
    )


def media_environment(folder: Path) -> dict[str, str]:
    """Only the variables that Python needs, and neither the database's address nor its secrets."""
    kept = {name: value for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if (value := os.environ.get(name))}
    return kept | {"PYTHONPATH": str(_CHECKOUT), "HOME": str(folder), "OMP_NUM_THREADS": "1"}


async def _outcome(process: asyncio.subprocess.Process, seconds: float, on_progress: OnProgress) -> Answer | None:
    """The program's last word, after its end and that of all that it may have started."""
    assert process.stdout is not None
    outcome: Answer | None = None
    try:
        async with asyncio.timeout(seconds):
            async for answer in answers(process.stdout):
                if isinstance(answer, ProgressAnswer):
                    await on_progress(answer.done, answer.total, answer.frames_per_second)
                else:
                    outcome = answer
            await process.wait()
    except TimeoutError:
        raise UnusableVideo(f"takes longer than {seconds:.0f} s to decode") from None
    finally:
        await _end(process)
    return outcome


def _failure(status: int | None, words: str) -> Exception:
    if status == -signal.SIGXCPU:
        return UnusableVideo("takes too long to decode")
    if status is not None and -status in _CRASHES:
        return DecoderCrashed(signal.Signals(-status).name)
    if status is not None and status < 0:
        return Interrupted(f"The media program was killed ({signal.Signals(-status).name})")
    if NO_ROOM in words:
        return OSError(errno.ENOSPC, NO_ROOM)
    return RuntimeError(f"The media program ended with status {status}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the program's whole group, even if it has ended: nothing may write on while its results are taken."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        await process.wait()
