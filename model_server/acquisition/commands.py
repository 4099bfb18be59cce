"""The commands `maskloom models ...`; torch is imported only by the commands that need it."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from model_server.models.catalogue.entry import Entry
    from model_server.models.catalogue.folder import Catalogue

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

app = typer.Typer(no_args_is_help=True, help="The models Maskloom can segment with: fetch, add, promote and so on.")

_Name = Annotated[str, typer.Argument(help="A model's name, as `maskloom models list` shows it.")]
_By = Annotated[str | None, typer.Option(help="Who decided, for the record; by default your login name.")]
_Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("list")
def list_models(as_json: _Json = False) -> None:
    """Show the models that are here, and the released ones that can be fetched."""
    from rich.console import Console
    from rich.table import Table

    from model_server.models.catalogue.promotions import Promotions
    from model_server.models.catalogue.released import RELEASED
    from model_server.models.registry import builtin_entry

    catalogue = _catalogue()
    entries = [builtin_entry(), *catalogue.entries()]
    promoted = Promotions(catalogue).current()
    if as_json:
        here = [asdict(entry) | {"version": entry.version} for entry in entries]
        default = None if promoted is None else promoted.model
        typer.echo(json.dumps({"models": here, "to_fetch": _missing(entries), "promoted": default}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("NAME", "VERSION", "PARAMETERS", "INPUT", "SIZE", ""):
        side = "right" if heading in ("PARAMETERS", "INPUT", "SIZE") else "left"
        table.add_column(heading, justify=side, no_wrap=True)
    for entry in entries:
        state = "here" if catalogue.weights(entry).is_file() else "[red]its weights were taken away[/]"
        state = "built in" if entry.added_at is None else state
        state += ", the default" if promoted is not None and promoted.model == entry.name else ""
        sizes = (f"{entry.num_parameters / 1e6:.1f} M", f"{entry.input_size} px", _megabytes(entry.num_bytes))
        table.add_row(entry.name, entry.version, *sizes, state)
    for name in _missing(entries):
        table.add_row(f"[dim]{name}", "", "", "", f"[dim]{_megabytes(RELEASED[name].num_bytes)}", "[dim]to fetch")
    Console(highlight=False).print(table)
    for name, reason in catalogue.faults().items():
        typer.echo(f"{name}.json cannot be read: {reason}", err=True)


@app.command()
def info(
    model: Annotated[str, typer.Argument(help="A model's name, or a file of weights.")], as_json: _Json = False
) -> None:
    """Tell what a model, or a file of weights, is."""
    from model_server.models.catalogue.addition import Provenance, describe, digest_of
    from model_server.models.registry import locate

    with _explained():
        found = locate(model, _catalogue())
        entry = found.entry or describe(found.path, digest_of(found.path), Provenance(found.path.name))
    if as_json:
        typer.echo(json.dumps(asdict(entry) | {"version": entry.version}, indent=2))
        return
    facts = {
        "name": entry.name,
        "version": entry.version,
        "sha256": f"{entry.digest}{_verdict(entry)}",
        "network": f"{entry.preset}, {entry.num_parameters / 1e6:.1f} M parameters",
        "input": f"{entry.input_size} x {entry.input_size} px",
        "size": _megabytes(entry.num_bytes),
        "origin": entry.origin,
        "added": entry.added_at or "built in",
        "parent": entry.parent or "none",
        **{name.replace("_", " "): str(value) for name, value in entry.metrics.items() if not isinstance(value, dict)},
    }
    width = max(map(len, facts))
    typer.echo("\n".join(f"{name:<{width}}  {value}" for name, value in facts.items()))
    if entry.card:
        typer.echo(f"\n{entry.card.strip()}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A released model, e.g. sam2.1_hiera_tiny.")],
    url: Annotated[
        str | None, typer.Option(help="A mirror of the same file; its digest must be the known one.")
    ] = None,
) -> None:
    """Download a released model from its authors; a download that stopped goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    from model_server.acquisition.released_file import fetch as run
    from model_server.models.catalogue.released import RELEASED

    if name not in RELEASED:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(RELEASED)}")
    catalogue = _catalogue()
    there = next((entry for entry in catalogue.entries() if entry.name == name), None)
    if there is not None and there.digest == RELEASED[name].digest and catalogue.weights(there).is_file():
        typer.echo(f"{name} is here already ({there.version})")
        return
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with _explained(), Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(name, total=RELEASED[name].num_bytes)
        entry = run(
            catalogue,
            RELEASED[name],
            url=url,
            progress=lambda have, total: bar.update(task, completed=have, total=total),
            checking=lambda: bar.update(task, description=f"{name}: checking"),
        )
    typer.echo(f"{entry.name} {entry.version}: SHA-256 {entry.digest}, the known one")


@app.command()
def add(
    path: Annotated[Path, typer.Argument(help="A file of weights: released, safetensors or Hugging Face layout.")],
    name: Annotated[str | None, typer.Option(help="What to call it; by default as the file.")] = None,
) -> None:
    """Copy a file of weights into the catalogue, if it is what it should be."""
    from model_server.models.catalogue.addition import add as run

    with _explained():
        entry = run(_catalogue(), path, name=name)
    typer.echo(f"added {entry.name} {entry.version}: {entry.preset}, SHA-256 {entry.digest}{_verdict(entry)}")


@app.command()
def promote(name: _Name, by: _By = None) -> None:
    """Make a model the default: projects that chose none use it from their next click on, without a restart."""
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.promotions import Promotions
    from model_server.models.registry import locate, read

    catalogue = _catalogue()
    with _explained():
        entry = locate(name, catalogue).entry
        if entry is None:
            raise BadEntry(f"{name} is a file: add it to the catalogue first")
        read(name, "cpu", catalogue=catalogue)  # what cannot be loaded must not become everybody's model
        Promotions(catalogue).promote(entry, by=by or _who())
    typer.echo(f"{entry.name} {entry.version} is the default model now")


@app.command("roll-back")
def roll_back(by: _By = None) -> None:
    """Return to the default model before the last promotion."""
    from model_server.models.catalogue.promotions import Promotions

    with _explained():
        decision = Promotions(_catalogue()).roll_back(by=by or _who())
    named = "the model that MASKLOOM_MODEL names" if decision.model is None else f"{decision.model} {decision.version}"
    typer.echo(f"{named} is the default model again")


@app.command()
def remove(name: _Name) -> None:
    """Delete a model from the catalogue. Projects that use it must be given another."""
    from model_server.models.catalogue.promotions import Promotions

    catalogue = _catalogue()
    with _explained():
        Promotions(catalogue).check_removable(name)
        entry = catalogue.remove(name)
    typer.echo(f"removed {entry.name} {entry.version}")


def _who() -> str | None:
    """The login name of the user, if known."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def _catalogue() -> Catalogue:
    from model_server.models.registry import default_catalogue

    return default_catalogue()


def _missing(entries: list[Entry]) -> list[str]:
    from model_server.models.catalogue.released import RELEASED

    names = {entry.name for entry in entries}
    return [name for name in RELEASED if name not in names]


def _verdict(entry: Entry) -> str:
    """Whether the digest is that of a released file."""
    from model_server.models.catalogue.released import RELEASED, released_as

    released = released_as(entry.digest)
    if released is not None:
        return f" (the released {released.name})"
    return " (not that of the released file)" if entry.name in RELEASED else ""


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.0f} MB"


@contextmanager
def _explained() -> Generator[None]:
    """Report an expected error in one line and exit with status 1."""
    from model_server.acquisition.download import DownloadError
    from model_server.models.catalogue.entry import BadEntry
    from model_server.models.catalogue.folder import AlreadyThere
    from model_server.models.catalogue.promotions import NothingToRollBack
    from model_server.models.problems import CheckpointError

    try:
        yield
    except (DownloadError, CheckpointError, BadEntry, AlreadyThere, NothingToRollBack, OSError) as error:
        typer.echo(f"maskloom models: {error}", err=True)
        raise typer.Exit(1) from error
