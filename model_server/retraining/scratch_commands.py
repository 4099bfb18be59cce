"""`maskloom train scratch` and `maskloom train resume`; under torchrun, on as many processes as it starts."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Literal

import typer

_Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="auto takes a GPU if there is one.")]
_Threads = Annotated[int, typer.Option(min=1, help="Threads of each process on a processor.")]


def scratch(  # noqa: PLR0913 - a parameter is an option of the command
    run: Annotated[Path, typer.Argument(help="Folder that keeps the run, so that it can be resumed.")],
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Annotated data, several if given again; none: generated clips.")
    ] = None,
    textures: Annotated[Path | None, typer.Option(help="npz of real footage (model_server.footage).")] = None,
    recipe: Annotated[Literal["small", "paper"], typer.Option(help="Hours on a processor, or days on GPUs.")] = "small",
    preset: Annotated[str, typer.Option(help="The network: builtin, sam2.1_hiera_tiny, ...")] = "builtin",
    name: Annotated[str | None, typer.Option("--name", help="What the model is called in the catalogue.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed, data and machine give the same weights.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of every stage, for a trial.")] = None,
    size: Annotated[int | None, typer.Option(min=32, help="Side of the training frames, for a trial.")] = None,
    shards: Annotated[int, typer.Option(min=0, help="Batches in a step; 0: one for each process.")] = 0,
    data_dir: Annotated[
        Path, typer.Option(envvar="MASKLOOM_DATA_DIR", help="Maskloom's data folder, with the catalogue.")
    ] = Path("data"),
    device: _Device = "auto",
    threads: _Threads = 1,
) -> None:
    """Train a model from nothing, stage by stage. Interrupted, it goes on with `maskloom train resume`."""
    from model_server.retraining.chain import NoRun, Request
    from model_server.training.networks import presets

    if preset not in presets():
        _refuse(f"no network is called {preset}; there are {', '.join(presets())}")
    request = Request(
        preset=preset,
        recipe=recipe,
        data=tuple(str(each) for each in data or ()),
        textures=str(textures) if textures else None,
        seed=seed,
        steps=steps,
        size=size,
        shards=shards,
        name=name,
        data_dir=str(data_dir),
    )
    try:
        request.keep(run)
    except NoRun as error:
        _refuse(str(error))
    _train(run, device, threads)


def resume(
    run: Annotated[Path, typer.Argument(help="The folder of a run that `maskloom train scratch` began.")],
    device: _Device = "auto",
    threads: _Threads = 1,
) -> None:
    """Go on with an interrupted run, exactly where it last saved."""
    _train(run, device, threads)


def _train(run: Path, device: str, threads: int) -> None:
    import torch

    from model_server.measurement.clips import NoClips
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.folder import AlreadyThere
    from model_server.retraining.chain import WEIGHTS, Request, run_chain
    from model_server.training.team import team

    torch.set_num_threads(threads)
    try:
        # The loop reports to standard output, which is the result's here.
        with redirect_stdout(sys.stderr), team(device) as processes:
            request = Request.read(run)
            entry = run_chain(run, request, processes=processes, tell=lambda line: typer.echo(line, err=True))
    except (BadEntry, AlreadyThere, NoClips, FileNotFoundError, ValueError) as error:
        _refuse(str(error))
        return
    if not processes.leads:
        return
    typer.echo(f"{run / WEIGHTS}")
    if entry is not None:
        typer.echo(f"{entry.name} ({entry.version}) is in the catalogue")


def _refuse(message: str) -> None:
    typer.echo(f"maskloom train: {message}", err=True)
    raise typer.Exit(1)
