"""Run the media program: without network, in its own process group, for a limited time, and killed with the caller."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from backend.processes import die_with_parent
from backend.settings import Settings
from backend.videos.media.protocol import Made, Options
from backend.videos.problems import UnusableVideo

_log = structlog.get_logger()
_CHECKOUT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 4 * 1024 * 1024
_MAX_LOGGED = 2000

OnProgress = Callable[[int, int, float | None], Awaitable[None]]
"""Awaited with the frames done, the total, and frames per second if known."""


async def run_media_program(
    source: Path, folder: Path, options: Options, *, seconds: float, on_progress: OnProgress
) -> Made:
    """Turn the source into a video of record in the folder.

    Raises:
        UnusableVideo: the file cannot become one. The detail is a predicate whose subject is the file's name.
    """
    command = [*_without_network(), sys.executable, "-m", "backend.videos.media", str(source), str(folder)]
    with (folder / "errors.txt").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            json.dumps(asdict(options)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(folder),
            cwd=folder,
            limit=_LONGEST_LINE,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    answer: dict[str, Any] | None = None
    try:
        async with asyncio.timeout(seconds):
            assert process.stdout is not None
            async for line in process.stdout:
                message = json.loads(line)
                if message["t"] == "progress":
                    await on_progress(message["done"], message["total"], message["frames_per_second"])
                else:
                    answer = message
            await process.wait()
    except TimeoutError:
        raise UnusableVideo(f"takes longer than {seconds:.0f} s to decode") from None
    finally:
        await _end(process)
    return _outcome(answer, process.returncode, folder / "errors.txt")


def options_from(settings: Settings, *, long_side: int) -> Options:
    return Options(
        long_side=long_side,
        max_pixels=settings.max_pixels,
        max_frames=settings.max_frames,
        max_memory_bytes=settings.max_ingest_memory_bytes,
        max_cpu_seconds=settings.max_ingest_seconds * 4,
    )


def _outcome(answer: dict[str, Any] | None, status: int | None, errors: Path) -> Made:
    kind = answer.pop("t") if answer else None
    if answer is not None and kind == "unusable":
        raise UnusableVideo(answer["reason"])
    if answer is not None and kind == "made" and status == 0:
        return Made(**answer)
    _log.warning("media.failed", status=status, errors=errors.read_text(errors="replace")[-_MAX_LOGGED:])
    if status == -signal.SIGXCPU:
        raise UnusableVideo("takes too long to decode")
    if status is not None and status < 0:
        raise UnusableVideo(f"makes the decoder crash ({signal.Signals(-status).name})")
    raise RuntimeError(f"The media program ended with status {status}")  # a bug, or a full disk


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Only the variables that Python needs, and neither the database's address nor its secrets."""
    kept = {name: value for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if (value := os.environ.get(name))}
    return kept | {"PYTHONPATH": str(_CHECKOUT), "HOME": str(folder), "OMP_NUM_THREADS": "1"}


@cache
def _without_network() -> tuple[str, ...]:
    """The command prefix that gives a program an empty network, if this system allows it."""
    if shutil.which("unshare"):
        for prefix in (("unshare", "-n"), ("unshare", "-r", "-n")):
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
                return prefix
    return ()
