"""`maskloom train`. Torch is imported when a command runs, not when it is listed."""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from model_server.retraining.scratch_commands import resume, scratch

app = typer.Typer(no_args_is_help=True, help="Train models on what was annotated.")


app.command()(scratch)
app.command()(resume)


@app.callback()
def _train() -> None:
    """A group, also while it has one command."""


@app.command()
def tune(  # noqa: PLR0913 - a parameter is an option of the command
    data: Annotated[Path, typer.Argument(help="An unpacked export in SA-V's layout, or a folder of clips.")],
    name: Annotated[str, typer.Option("--name", help="What the tuned model is called in the catalogue.")],
    model: Annotated[str, typer.Option(help="The model to start from: its name, or a file of weights.")] = "builtin",
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed, data and machine give the same weights.")] = 0,
    run: Annotated[Path | None, typer.Option(help="Folder that keeps the run, so that it can be resumed.")] = None,
    data_dir: Annotated[
        Path, typer.Option(envvar="MASKLOOM_DATA_DIR", help="Maskloom's data folder, with the catalogue.")
    ] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tune a model on annotated videos, judge it on some it never saw, and put it into the catalogue.

    A fifth of the videos, at least one, is kept out of training to compare the old model with the new one. Nothing uses
    the new one until a person chooses it. The run yields to everything else on the machine.
    """
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.folder import AlreadyThere
    from model_server.models.sam2.checkpoint import CheckpointError
    from model_server.retraining.tuning import Request
    from model_server.retraining.tuning import tune as perform
    from model_server.video.reader import UnreadableVideo

    with suppress(OSError):
        os.nice(15)
    try:
        # The loop reports to standard output, which is the result's here.
        with TemporaryDirectory(prefix="maskloom-tune-") as temporary, redirect_stdout(sys.stderr):
            request = Request(data, name, model, data_dir, run or Path(temporary), steps, seed)
            tuned = perform(request, tell=lambda line: typer.echo(line, err=True))
    except (BadEntry, AlreadyThere, CheckpointError, UnreadableVideo, FileNotFoundError, ValueError) as error:
        typer.echo(f"maskloom train tune: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(tuned.to_json(), indent=2))
        return
    for each in tuned.comparisons:
        typer.echo(f"{each.measure:24} {each.old:6.1f} -> {each.new:6.1f}")
    typer.echo(f"{tuned.entry.name} ({tuned.entry.version}) is in the catalogue, tuned from {tuned.entry.parent}")
