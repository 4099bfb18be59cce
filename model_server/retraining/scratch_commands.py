"""`maskloom train scratch` and `maskloom train resume`; under torchrun, in as many processes as it starts."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

_Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="auto: a GPU if there is one.")]
_Threads = Annotated[int, typer.Option(min=1, help="CPU threads per process.")]


def scratch(  # noqa: PLR0913 - a parameter is an option of the command
    run: Annotated[Path, typer.Argument(help="Folder of the run, from which it can be resumed.")],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Annotated data; repeat for several. Default: none."),
    ] = None,
    textures: Annotated[Path | None, typer.Option(help="npz of real footage (model_server.footage).")] = None,
    recipe: Annotated[Literal["small", "paper"], typer.Option(help="Hours on a CPU, or days on GPUs.")] = "small",
    preset: Annotated[str, typer.Option(help="The network: builtin, sam2.1_hiera_tiny, ...")] = "builtin",
    name: Annotated[str | None, typer.Option("--name", help="Name of the model in the catalogue.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed, data and machine give the same weights.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of every stage, for a trial.")] = None,
    size: Annotated[int | None, typer.Option(min=32, help="Side of training frames in pixels, for a trial.")] = None,
    shards: Annotated[int, typer.Option(min=0, help="Batches per step; 0: one per process.")] = 0,
    data_dir: Annotated[
        Path, typer.Option(envvar="MASKLOOM_DATA_DIR", help="Maskloom's data directory, which holds the catalogue.")
    ] = Path("data"),
    device: _Device = "auto",
    threads: _Threads = 1,
) -> None:
    """Train a model from scratch, stage by stage. `maskloom train resume` continues an interrupted run."""
    from model_server.retraining.chain import NoRun, ScratchRequest
    from model_server.training.networks import presets

    if preset not in presets():
        _fail(f"no network is called {preset}; there are {', '.join(presets())}")
    request = ScratchRequest(
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
        _fail(str(error))
    _train(run, device, threads)


def resume(
    run: Annotated[Path, typer.Argument(help="The folder of a run that `maskloom train scratch` began.")],
    device: _Device = "auto",
    threads: _Threads = 1,
) -> None:
    """Continue an interrupted run from exactly where it last saved."""
    _train(run, device, threads)


def _train(run: Path, device: str, threads: int) -> None:
    import torch

    from model_server.measurement.clips import NoClips
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.folder import AlreadyThere
    from model_server.retraining.chain import WEIGHTS, ScratchRequest, run_chain
    from model_server.training.team import team

    torch.set_num_threads(threads)
    try:
        # The training loop reports on standard output, which here is for the result.
        with redirect_stdout(sys.stderr), team(device) as processes:
            request = ScratchRequest.read(run)
            entry = run_chain(run, request, processes=processes, report=lambda line: typer.echo(line, err=True))
    except (BadEntry, AlreadyThere, NoClips, FileNotFoundError, ValueError) as error:
        _fail(str(error))
    if not processes.leads:
        return
    typer.echo(f"{run / WEIGHTS}")
    if entry is not None:
        typer.echo(f"{entry.name} ({entry.version}) is in the catalogue")


def _fail(message: str) -> NoReturn:
    typer.echo(f"maskloom train: {message}", err=True)
    raise typer.Exit(1)
