"""Output to the terminal: one aligned line per step."""

import sys
from contextlib import suppress
from typing import TextIO

_WIDTH = 14


class TerminalError(RuntimeError):
    """An error that the person at the terminal can end. Its message says what to do, and is all that is shown."""


def say(part: str, message: str) -> None:
    """Report a step of a part, such as the database."""
    _write(sys.stdout, f"  {part:<{_WIDTH}}{message}\n")


def headline(message: str) -> None:
    _write(sys.stdout, f"{message}\n")


def complain(message: str) -> None:
    _write(sys.stderr, f"{message}\n")


def _write(stream: TextIO, text: str) -> None:
    with suppress(OSError):  # a terminal that is gone, or a file on a full disk
        stream.write(text)
        stream.flush()
