"""Start all parts, keep them running, and stop them."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.embedded import EmbeddedPostgres
from backend.db.migrate import migrate, wait_for_database
from backend.people.console import first_administrator_link, sample_token
from backend.settings import Settings
from backend.supervisor.child import Child
from backend.supervisor.claims import data_folder, require_free_port
from backend.supervisor.database import Database
from backend.supervisor.devices import model_devices
from backend.supervisor.healthcheck import Health, read_health
from backend.supervisor.household import Household
from backend.supervisor.launch_plan import LaunchPlan
from backend.supervisor.sample_loader import SampleLoader
from backend.terminal import TerminalError, headline, say
from backend.videos.decoder_cage import decoder_cage

_START_ATTEMPTS = 8  # the old server's last children may disturb the first one after a crash
_PATIENCE_SECONDS = 180.0  # until everything is healthy; a large model on a slow disk takes long


class Stop(Exception):
    """A person or the system asked this process to end."""


def up(settings: Settings) -> int:
    """Run until a signal. Returns the exit status.

    Raises:
        TerminalError: it cannot start, or cannot go on.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    folder = settings.data_dir.resolve()
    os.umask(0o077)  # what this and its children write is for this user alone
    headline(f"Maskloom {version('maskloom')}, data in {folder}")
    try:
        with data_folder(folder), ExitStack() as stack:
            require_free_port(settings.port)
            _run(settings, folder, stack)
    except Stop:
        say("maskloom", "stopped")
        return 0
    return 0


class StartFailed(TerminalError):
    """A part did not start."""


def _run(settings: Settings, folder: Path, stack: ExitStack) -> None:
    shutil.rmtree(settings.staging_dir, ignore_errors=True)  # nobody else works here, so everything in it is abandoned
    plan = LaunchPlan(settings, folder, [] if settings.model_url else model_devices(settings))
    household = Household(folder)
    # The model servers first, because they take longest and need no database.
    for child in plan.model_servers():
        _launch(child, household, stack)
    for warning in decoder_cage().warnings():
        say("decoder", warning)
    database_url = _start_database(settings, folder, household, stack)
    started = time.monotonic()
    household.when_there_is_room(partial(migrate, database_url))
    say("migrations", f"up to date ({time.monotonic() - started:.1f} s)")
    for child in plan.backends(database_url):
        _launch(child, household, stack)
    _await_health(plan.address, household)
    headline(f"\nMaskloom is ready: {plan.address}   (Ctrl+C stops it)\n")
    household.when_there_is_room(partial(_say_who_gets_in, settings, plan, database_url))
    sample = SampleLoader(plan.address, folder, _sample_token(settings, database_url)) if settings.sample else None
    if sample is not None:
        stack.callback(sample.stop)
        household.when_there_is_room(sample.start)
    while True:
        household.tick()
        if sample is not None:
            sample.watch()


def _say_who_gets_in(settings: Settings, plan: LaunchPlan, database_url: str) -> None:
    if settings.sign_in == "local":
        say("sign-in", "local: who reaches this address is the owner (MASKLOOM_SIGN_IN=accounts lets others in)")
        return
    link = first_administrator_link(database_url, settings.public_origin or plan.address)
    if link is not None:
        headline(f"Nobody can sign in yet. This link makes the first administrator, once, within a day:\n{link}\n")


def _sample_token(settings: Settings, database_url: str) -> Callable[[], str | None]:
    """The maker of the token with which the sample loader calls the API. Without accounts it needs none."""
    return (lambda: None) if settings.sign_in == "local" else partial(sample_token, database_url)


def _start_database(settings: Settings, folder: Path, household: Household, stack: ExitStack) -> str:
    """Start the embedded Postgres, unless there is another. Returns the database's URL."""
    if settings.database_url:
        say("database", "waiting for the server of MASKLOOM_DATABASE_URL")
        wait_for_database(settings.database_url, seconds=60)
        return settings.database_url
    postgres = EmbeddedPostgres(folder / "postgres")
    database = household.database = Database(postgres, folder, partial(say, "database"))
    say("database", "starting" if postgres.exists() else "making a new one")
    stack.callback(database.stop)
    while not database.is_up:
        household.tick()
        if database.failures > _START_ATTEMPTS:
            raise EmbeddedPostgresError(f"The embedded Postgres does not start: {database.problem}")
    household.when_there_is_room(postgres.ensure_database)
    return postgres.url()


def _launch(child: Child, household: Household, stack: ExitStack) -> None:
    stack.callback(child.stop)
    say(child.name, "starting")
    child.start()
    household.children.append(child)


def _await_health(address: str, household: Household) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    reported = Health()
    while time.monotonic() < deadline:
        health = read_health(address)
        for part, detail in health.news_since(reported):
            say(part, detail)
        reported = health
        if health.is_ok:
            return
        household.tick()
        if household.is_full:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            continue
        for child in household.children:
            if child.failed_early():
                raise StartFailed(f"The {child.name} does not start. The end of its log:\n{child.log_tail()}")
    raise StartFailed(f"Not everything came up within {_PATIENCE_SECONDS:.0f} s: {reported}")


def _stop(number: int, _frame: FrameType | None) -> None:
    # The next signal ends this process at once, and the kernel ends its children.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN if each == signal.SIGHUP else signal.SIG_DFL)
    if number == signal.SIGINT:
        headline("")
    say("maskloom", "stopping")
    raise Stop
