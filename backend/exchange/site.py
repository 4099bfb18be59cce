"""The site that a command speaks to, its progress in the terminal, and how the command ends."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from backend.client.environment import TOKEN_VARIABLE
from backend.terminal import complain

if TYPE_CHECKING:
    from backend.client.connection import OnProgress
    from backend.client.maskloom import Maskloom

_UNREACHABLE, _STOPPED = 3, 130

Address = Annotated[
    str, typer.Option("--url", envvar="MASKLOOM_URL", help=f"Where Maskloom runs; {TOKEN_VARIABLE} has the API token.")
]


THIS_MACHINE = f"http://127.0.0.1:{os.environ.get('MASKLOOM_PORT', '8000')}"


@contextmanager
def site_at(address: str, *, again: str) -> Generator["Maskloom"]:
    """The site. What ends the block early ends the command: 1 if the site refuses, 3 if it cannot be reached.

    `again` says what the same command would do another time.
    """
    from backend.client.connection import SiteProblem, SiteUnreachable
    from backend.client.maskloom import Maskloom

    try:
        with Maskloom(address, os.environ.get(TOKEN_VARIABLE)) as site:
            yield site
    except SiteProblem as problem:
        complain(str(problem))
        raise typer.Exit(1) from None
    except SiteUnreachable as problem:
        complain(f"{problem}\n{again}")
        raise typer.Exit(_UNREACHABLE) from None
    except KeyboardInterrupt:
        complain(f"Stopped. {again}")
        raise typer.Exit(_STOPPED) from None


@contextmanager
def shown(what: str) -> Generator["OnProgress"]:
    """A line of progress while the block lasts, on the error stream, so that the output stays the result."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
