"""`maskloom train`. Torch is imported only when a command runs, so that listing commands stays fast."""

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

app = typer.Typer(no_args_is_help=True, help="Train models on annotated data.")


app.command()(scratch)
app.command()(resume)


@app.callback()
def _train() -> None:
    """Keeps `train` a group of commands however many there are."""


@app.command()
def tune(  # noqa: PLR0913 - a parameter is an option of the command
    data: Annotated[Path, typer.Argument(help="An unpacked export in SA-V's layout, or a folder of clips.")],
    name: Annotated[str, typer.Option("--name", help="Name of the tuned model in the catalogue.")],
    model: Annotated[str, typer.Option(help="The model to start from: its name, or a weight file.")] = "builtin",
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed, data and machine give the same weights.")] = 0,
    run: Annotated[Path | None, typer.Option(help="Folder of the run, from which it can be resumed.")] = None,
    held_out: Annotated[
        list[str] | None, typer.Option(help="A video to evaluate on; repeat for more. Default: a fifth of all.")
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(envvar="MASKLOOM_DATA_DIR", help="Maskloom's data directory, which holds the catalogue.")
    ] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_lines: Annotated[bool, typer.Option("--json-lines", help="Print JSON Lines with progress.")] = False,
) -> None:
    """Fine-tune a model on annotated videos, evaluate it on others, and add it to the catalogue.

    A fifth of the videos, at least one, is held out of training to compare the old model with the new one. The new one
    is not used until somebody chooses it. The run has low priority on the machine.
    """
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.folder import AlreadyThere
    from model_server.models.problems import CheckpointError
    from model_server.retraining.lines import LineWriter
    from model_server.retraining.tuning_run import TuningRequest
    from model_server.retraining.tuning_run import tune as perform
    from model_server.video.reader import UnreadableVideo

    with suppress(OSError):
        os.nice(15)
    lines = LineWriter(sys.stdout) if as_lines else None
    try:
        # The training loop reports on standard output, which here is for the result.
        with TemporaryDirectory(prefix="maskloom-tune-") as temporary, redirect_stdout(sys.stderr):
            folder = run or Path(temporary)
            request = TuningRequest(data, name, model, data_dir, folder, steps, seed, tuple(held_out or ()))
            tuned = perform(
                request, report=lines.progress if lines else lambda progress: typer.echo(str(progress), err=True)
            )
    except (BadEntry, AlreadyThere, CheckpointError, UnreadableVideo, FileNotFoundError, ValueError) as error:
        if lines:
            lines.failed(str(error))
        typer.echo(f"maskloom train tune: {error}", err=True)
        raise typer.Exit(1) from error
    if lines:
        lines.tuned(tuned)
        return
    if as_json:
        typer.echo(json.dumps(tuned.to_json(), indent=2))
        return
    for each in tuned.comparisons:
        typer.echo(f"{each.measure:24} {each.old:6.1f} -> {each.new:6.1f}")
    typer.echo(f"{tuned.entry.name} ({tuned.entry.version}) is in the catalogue, tuned from {tuned.entry.parent}")


@app.command()
def clicks(
    clips: Annotated[Path, typer.Option(help="A clip with ground truth, or a folder of them.")],
    model: Annotated[list[str], typer.Option(help="The name of a model, or a weight file; repeat to compare.")],
    skip: Annotated[list[str] | None, typer.Option(help="An object to leave out, as CLIP/OBJECT.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the corrective clicks that a simulated annotator needs with each model.

    The annotator goes through each video once and clicks wherever the mask has become bad.
    """
    from model_server.models.problems import CheckpointError
    from model_server.models.registry import build
    from model_server.retraining.corrections import clips_of, corrected, line, rows

    try:
        found = clips_of(clips, skip or [])
        courses = [[each for clip in found for each in corrected(network, clip)] for network in map(build, model)]
    except (CheckpointError, FileNotFoundError, ValueError) as error:
        typer.echo(f"maskloom train clicks: {error}", err=True)
        raise typer.Exit(1) from error
    table = rows(courses)
    if as_json:
        typer.echo(json.dumps({"models": model, "objects": table[:-1], "mean": table[-1]}, indent=2))
        return
    typer.echo("| clip | object | " + " | ".join(f"{name}: clicks (frames), J&F" for name in model) + " |")
    typer.echo("|---|---|" + "---|" * len(model))
    for row in table:
        typer.echo(line(row))
