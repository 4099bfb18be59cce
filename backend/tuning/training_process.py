"""Run the training program in a separate process, which ends with this one or when the tuning is cancelled.

It is `maskloom train tune`, so that the backend does not import torch. It keeps its state in a folder; started again on
the same folder, it continues.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import structlog
from pydantic import ValidationError

from backend.processes import die_with_parent
from backend.tuning.problems import TuningFailed
from model_server.contract.tuning_lines import Tuned, TuningLine, TuningProgress, tuning_line_adapter

_log = structlog.get_logger()
_CHECKOUT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 1.0
_LONGEST_LINE = 1024 * 1024
_MAX_LOGGED = 2000


@dataclass(frozen=True, slots=True)
class Training:
    """What to train, and where. `held_out` are names of videos in `data`."""

    data: Path
    run: Path
    name: str
    base_model: str
    num_steps: int
    held_out: tuple[str, ...]
    catalogue_data_dir: Path

    def command(self) -> list[str]:
        """The command, as a list of arguments."""
        command = [sys.executable, "-m", "backend", "train", "tune", str(self.data), "--name", self.name]
        command += ["--model", self.base_model, "--steps", str(self.num_steps), "--run", str(self.run)]
        command += ["--data-dir", str(self.catalogue_data_dir), "--json-lines"]
        for name in self.held_out:
            command += ["--held-out", name]
        return command


class NoLongerWanted(Exception):
    """The tuning was cancelled, or its project was deleted."""


def can_train() -> bool:
    """Whether the packages that train models are installed."""
    return find_spec("torch") is not None and find_spec("safetensors") is not None


async def run_training(
    training: Training,
    *,
    on_progress: Callable[[TuningProgress], Awaitable[None]],
    is_wanted: Callable[[], Awaitable[bool]],
) -> Tuned:
    """Run the training program to its end.

    Raises:
        TuningFailed: the program reports that it cannot train the model.
        NoLongerWanted: `is_wanted` returned False, and the program was stopped.
        RuntimeError: the program crashed; another attempt continues where it was.
    """
    training.run.mkdir(parents=True, exist_ok=True)
    errors = training.run / "errors.txt"
    with errors.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *training.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(training.run),
            cwd=training.run,
            limit=_LONGEST_LINE,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    last: TuningLine | None = None
    try:
        assert process.stdout is not None
        reading = asyncio.ensure_future(process.stdout.readline())
        try:
            while True:
                await asyncio.wait({reading}, timeout=_LOOK_SECONDS)
                if not await is_wanted():
                    raise NoLongerWanted
                if not reading.done():
                    continue
                if not (text := reading.result()):
                    break
                reading = asyncio.ensure_future(process.stdout.readline())
                last = _line(text) or last
                if isinstance(last, TuningProgress):
                    await on_progress(last)
        finally:
            reading.cancel()
        await process.wait()
    finally:
        await _end(process)
    return _outcome(last, process.returncode, errors)


def _line(text: bytes) -> TuningLine | None:
    try:
        return tuning_line_adapter.validate_json(text)
    except ValidationError:
        return None  # a library's output


def _outcome(last: TuningLine | None, status: int | None, errors: Path) -> Tuned:
    if isinstance(last, Tuned) and status == 0:
        return last
    if last is not None and last.t == "failed":
        raise TuningFailed(f"{last.reason[:1].upper()}{last.reason[1:]}.")
    words = errors.read_text(errors="replace")[-_MAX_LOGGED:]
    _log.warning("tuning.broke_off", status=status, errors=words)
    raise RuntimeError(f"The training program ended with status {status}")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Only the variables that Python needs, and neither the database's address nor its secrets."""
    kept = {name: value for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if (value := os.environ.get(name))}
    return kept | {"PYTHONPATH": str(_CHECKOUT), "HOME": str(folder), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
