"""The command `maskloom simulate`, which imports what it needs only when it runs."""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backend.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Simulated people at work, to see what the log makes of them.")


@app.callback()
def _simulate() -> None:
    """Make this a group, though it has only one command."""


@app.command()
def study(  # noqa: PLR0913 - a parameter is an option of the command
    clips: Annotated[
        Path | None,
        typer.Option("--clips", help="A clip with ground truth, or a folder of them; default: the drawn sample."),
    ] = None,
    frames: Annotated[int, typer.Option("--frames", min=1, help="Only so many frames of each clip.")] = 1_000_000,
    model: Annotated[str, typer.Option("--model", help="A model's name, or a file of weights.")] = "builtin",
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="A new folder to keep everything in; default: nothing is kept.")
    ] = None,
    reply_seconds: Annotated[
        float | None,
        typer.Option("--reply-seconds", min=0, help="Simulated model time a frame; default: what it really takes."),
    ] = None,
    brush_seconds: Annotated[
        float, typer.Option("--brush-seconds", min=0.5, help="To draw a mask by hand; the paper does not say.")
    ] = 15.0,
    seed: Annotated[int, typer.Option("--seed", help="Of everything that is random in people.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Annotate the same objects in the three phases, and print the phase table that follows from the log.

    Fails when the seconds of the log are not the simulated ones to one percent.
    """
    from backend.db.cluster.problems import EmbeddedPostgresError
    from backend.db.migrate import DatabaseTooNew
    from backend.simulation.clips import NoClips, clips_in, drawn_clip
    from backend.simulation.clock import SimulatedClock
    from backend.simulation.person import Habits
    from backend.simulation.report import agrees, table
    from backend.simulation.report import as_json as report
    from backend.simulation.site import SiteFailed, running_site
    from backend.simulation.study import StudyPlan, run_study
    from backend.terminal import TerminalError

    try:
        with ExitStack() as stack:
            folder = _own_folder(data_dir, stack)
            found = clips_in(clips) if clips else [stack.enter_context(drawn_clip(folder))]
            settings = _settings(folder, model)
            clock = SimulatedClock()
            site = stack.enter_context(running_site(settings, clock))
            habits = Habits(brush_seconds=brush_seconds, reply_seconds=reply_seconds)
            studied = run_study(site, clock, StudyPlan(found, frames, habits, seed), _say)
    except (NoClips, TerminalError, SiteFailed, TimeoutError, EmbeddedPostgresError, DatabaseTooNew) as problem:
        _say(str(problem))
        raise typer.Exit(1) from problem
    typer.echo(json.dumps(report(studied), indent=2) if as_json else "\n".join(table(studied)))
    if not agrees(studied):
        _say("The log does not give the seconds that were simulated.")
        raise typer.Exit(1)


def _settings(folder: Path, model: str) -> "Settings":
    """Settings without the environment of a real Maskloom, whose database is not for simulated people."""
    from backend.settings import Settings

    return Settings(
        data_dir=folder,
        model=model,
        model_url="",
        model_data_dir="",
        database_url="",
        redis_url="",
        sign_in="local",
        public_origin="",
        oidc_issuer="",
    )


def _own_folder(asked: Path | None, stack: ExitStack) -> Path:
    if asked is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="maskloom-study-")))
    if asked.exists() and (not asked.is_dir() or any(asked.iterdir())):
        raise typer.BadParameter("Give a folder that is new or empty: real work and simulated work do not mix.")
    asked.mkdir(parents=True, exist_ok=True)
    return asked


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
