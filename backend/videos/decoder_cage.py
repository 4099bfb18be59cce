"""The cage that this machine can build for the decoders, found out once, and what administrators should know of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog

from backend.terminal import TerminalError
from backend.videos.media.cage.walls import ADVICE, Wall, exposed_by

_CHECKOUT = Path(__file__).resolve().parents[2]
_TRIAL_SECONDS = 60.0
_log = structlog.get_logger()


class CageTrialError(TerminalError):
    """It is not known which walls this machine can build."""


@dataclass(frozen=True, slots=True)
class DecoderCage:
    """`problems` has the walls that cannot be built here, each with the kernel's reason."""

    problems: dict[Wall, str]

    @property
    def standing(self) -> tuple[Wall, ...]:
        return tuple(wall for wall in Wall if wall not in self.problems)

    @property
    def exposed(self) -> list[str]:
        """What nothing keeps from the decoders."""
        return exposed_by(self.standing)

    def warnings(self) -> Iterator[str]:
        """What is missing and what to do about it, in sentences; nothing if every wall stands."""
        if self.exposed:
            yield (
                f"Uploads are decoded where a malicious file could reach {_and(self.exposed)}. "
                "Accept uploads only from people you trust until this is mended."
            )
        for wall, problem in self.problems.items():
            yield f"Decoders run without one of their walls, {wall}: {problem.rstrip('.')}. {ADVICE[wall]}"


@cache
def decoder_cage() -> DecoderCage:
    """Try each wall. It takes a moment the first time.

    Raises:
        CageTrialError: the trial itself went wrong. Nothing may be decoded then.
    """
    try:
        trial = subprocess.run(
            [sys.executable, "-m", "backend.videos.media.cage"],
            env=dict(os.environ) | {"PYTHONPATH": str(_CHECKOUT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TRIAL_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise CageTrialError(f"The trial of the decoders' walls took more than {_TRIAL_SECONDS:.0f} s.") from error
    except subprocess.CalledProcessError as error:
        raise CageTrialError(f"The trial of the decoders' walls failed: {error.stderr[-500:]}") from error
    problems: dict[str, str] = json.loads(trial.stdout)
    return DecoderCage({Wall(name): problem for name, problem in problems.items()})


def log_missing_walls() -> None:
    """Say once, when the backend starts, which walls are missing."""
    for warning in decoder_cage().warnings():
        _log.warning("decoder.wall_missing", detail=warning)


def _and(things: list[str]) -> str:
    return " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)
