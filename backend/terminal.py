"""Output to the terminal: one aligned line per step."""

import sys

_WIDTH = 14


def say(part: str, message: str) -> None:
    """Report a step of a part, such as the database."""
    sys.stdout.write(f"  {part:<{_WIDTH}}{message}\n")
    sys.stdout.flush()


def headline(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def complain(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
