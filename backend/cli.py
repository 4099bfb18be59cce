"""The `maskloom` command. Each subcommand imports what it needs only when it runs, so that it starts fast.

The model server's commands are found through the entry points `maskloom.commands`, where a function is a command and a
Typer app is a group. So the backend offers them without importing them or torch.
"""

import sys
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from backend.exchange.export_command import export_dataset, list_formats
from backend.exchange.import_command import import_dataset
from backend.explanation import explanation
from backend.simulation.command import app as simulate
from backend.terminal import complain

COMMANDS = "maskloom.commands"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"Maskloom {version('maskloom')}")
        raise typer.Exit


@app.callback()
def _maskloom(
    version_asked: bool = typer.Option(
        False, "--version", help="Show the version and exit.", callback=_print_version, is_eager=True
    ),
) -> None:
    """Maskloom: an open-source data engine for video segmentation."""


@app.command()
def up(die_with_parent: bool = typer.Option(False, hidden=True)) -> None:
    """Start everything on this machine and keep it running until Ctrl+C."""
    from backend import processes
    from backend.settings import Settings
    from backend.supervisor.up import up as run

    if die_with_parent:  # for make: if it is killed, nothing may stay behind that would disturb the next `make up`
        processes.stop_with_parent()
    raise typer.Exit(run(Settings()))


@app.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="The address to listen on."),
    behind_proxy: bool = typer.Option(False, help="Trust the proxy, which alone reaches this port."),
) -> None:
    """Run the backend alone, beside a database and model servers that run already."""
    import os

    from backend.settings import Settings
    from backend.supervisor.server import server_command

    settings = Settings()
    if not settings.database_url:
        raise typer.BadParameter("`maskloom up` starts a backend with its own database; set MASKLOOM_DATABASE_URL.")
    command = server_command(settings.port, host=host, behind_proxy=behind_proxy)
    os.execv(command[0], command)


@app.command()
def migrate() -> None:
    """Bring the database of MASKLOOM_DATABASE_URL up to this version."""
    from backend.db.migrate import migrate as apply
    from backend.settings import Settings

    settings = Settings()
    url = settings.database_url
    if not url:
        raise typer.BadParameter("`maskloom up` migrates the embedded database itself; set MASKLOOM_DATABASE_URL.")
    apply(url)
    # Compose mounts it on its own: model servers write there, and read everything else.
    (settings.catalogue_data_dir / "models").mkdir(parents=True, exist_ok=True)


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="The archive to write; it must not exist yet.")]) -> None:
    """Write the database and all files into one archive, also while people work."""
    from backend.settings import Settings
    from backend.supervisor.backup import back_up

    back_up(Settings(), target)


@app.command()
def restore(archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `backup` wrote.")]) -> None:
    """Fill an empty data folder from an archive of `maskloom backup`; `maskloom up` then goes on from there."""
    from backend.settings import Settings
    from backend.supervisor.backup import restore as fill

    fill(Settings(), archive)


user = typer.Typer(no_args_is_help=True, help="People who sign in here (MASKLOOM_SIGN_IN=accounts).")
app.add_typer(user, name="user")


@user.callback()
def _user() -> None:
    """Make this a group, though it has only one command."""


@user.command()
def link(login: str = typer.Argument("", help="Whose password it sets; empty: the machine's owner's.")) -> None:
    """Print a link that sets a password once: for the first administrator, or for somebody who forgot theirs."""
    from backend.db.embedded import EmbeddedPostgres
    from backend.people.console import NobodyHasThisLogin, user_link
    from backend.settings import Settings

    settings = Settings()
    url = settings.database_url or EmbeddedPostgres(settings.data_dir.resolve() / "postgres").url()
    origin = settings.public_origin or f"http://127.0.0.1:{settings.port}"
    try:
        typer.echo(user_link(url, origin, login or None))
    except NobodyHasThisLogin:
        raise typer.BadParameter(f"nobody signs in as {login!r}") from None


app.add_typer(simulate, name="simulate")
app.command("export")(export_dataset)
app.command("formats")(list_formats)
app.command("import")(import_dataset)


@app.command()
def openapi(check: bool = typer.Option(False, "--check", help="Fail when the file is not up to date.")) -> None:
    """Write the API's description to frontend/openapi.json."""
    from backend.app import create_app
    from backend.openapi import TARGET, text

    current = text(create_app())
    if not check:
        TARGET.write_text(current, encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != current:
        raise SystemExit("frontend/openapi.json is out of date: run `make openapi`.")


def main() -> None:
    """The console script."""
    for entry in entry_points(group=COMMANDS):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    try:
        app()
    except Exception as error:
        told = explanation(error)
        if told is None:
            raise
        complain(told)
        sys.exit(1)
