"""The embedded Postgres: a wheel's programs, a data folder, and a socket that only its owner can open.

Postgres is started as a direct child, so that a dead one is reaped at once and its process id never blocks a restart.
It listens on no network port, and admits one role with a password (`cluster/access.py`).
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from backend.db.cluster.access import DATABASE, ROLE, ClusterAccess
from backend.db.cluster.disguise import Disguise, disguise, give_to_nobody
from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.cluster.programs import cluster_version, newest_version, program
from backend.db.cluster.upgrade import finish_interrupted, initialise, upgrade
from backend.processes import command_line, die_with_parent, is_alive

_LONGEST_SOCKET_PATH = 107  # bytes that the kernel allows
_WRONG_PASSWORD = "password authentication failed"
_NO_PROCESS = 2**31 - 2  # no kernel gives this process id
_ORPHAN_SECONDS = 20.0  # for an orderly end, before it is killed
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements and the rows they are about may hold what is private
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] ",
    "jit": "off",
    "timezone": "UTC",
}
Announce = Callable[[str], None]


class EmbeddedPostgres:
    """One cluster in one folder. `start` recovers from a crash; `stop` shuts it down cleanly."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """`durable=False` trades safety for speed; use it only for data that may be lost."""
        self._directory = directory.resolve()
        self._cluster = self._directory / "cluster"
        self._fresh = self._directory / "cluster.new"  # renamed when it is whole, so that a crash leaves no half of one
        self._access = ClusterAccess(self._directory / "credential", self._cluster)
        self._log = self._directory / "postgres.log"
        self._sockets = _socket_directory(self._directory)
        self._settings = _SETTINGS | ({} if durable else {"fsync": "off", "full_page_writes": "off"})
        self._process: subprocess.Popen[bytes] | None = None

    def exists(self) -> bool:
        """Whether the cluster has been created."""
        return (self._cluster / "PG_VERSION").exists()

    def start(self, announce: Announce = lambda _news: None) -> None:
        """Create the cluster if there is none, upgrade an older one, start the server, and wait until it answers.

        Raises:
            EmbeddedPostgresError: it could not be created or does not answer.
        """
        self.prepare(announce)
        last_error = ""
        for _attempt in range(8):  # the old server's last children may disturb the first start after a crash
            self.launch()
            last_error = self._await_answer()
            if not last_error:
                return
            self.mend_access(last_error)
            time.sleep(0.25)
        raise EmbeddedPostgresError(f"The embedded Postgres does not start: {last_error}\n{self.log_tail()}")

    def prepare(self, announce: Announce = lambda _news: None) -> None:
        """Do all that has to be done while no server runs: end an old one, make, upgrade or secure the cluster.

        Raises:
            EmbeddedPostgresError: it could not be done; nothing is lost.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        guise = disguise()
        if guise.needs_ownership:
            give_to_nobody(self._directory, self._sockets)
        self.stop()
        self._stop_orphan()
        finish_interrupted(self._cluster, self._fresh)
        version = cluster_version(self._cluster)
        if not version:
            self._create(guise)
        elif version < newest_version():
            announce(f"upgrading from Postgres {version} to {newest_version()}")
            kept = upgrade(self._cluster, self._fresh, guise)
            announce(f"upgraded; the database as it was is kept in {kept}, which may be deleted when all is well")
        if not self._access.is_set:
            self._access.set_up(guise)

    def mend_access(self, answer: str) -> None:
        """Set another password if the cluster refused ours, as it does after one of the two came from elsewhere."""
        if _WRONG_PASSWORD in answer:
            self.stop()
            self._access.set_up(disguise())

    def launch(self) -> None:
        """Start the server of a prepared cluster, without waiting until it answers."""
        guise = disguise()
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                guise.command([program("postgres"), "-D", str(self._cluster), *flags]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # keeps Ctrl+C from it, because the supervisor stops it last
                preexec_fn=_both(guise.become, die_with_parent(signal.SIGINT)),
            )

    def stop(self) -> None:
        """Shut the server down after it has written everything. Harmless if it is not running."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # "fast": ends sessions and writes a last checkpoint
        for patience, harder in ((20, signal.SIGQUIT), (10, signal.SIGKILL)):
            try:
                process.wait(timeout=patience)
                return
            except subprocess.TimeoutExpired:
                process.send_signal(harder)
        process.wait()

    def kill(self) -> None:
        """End a server that does not react. The next start recovers."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The server's process, if it was started."""
        return self._process

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of a database in this cluster, with the password.

        Raises:
            EmbeddedPostgresError: the cluster has not been made yet.
        """
        if not self._access.secret:
            raise EmbeddedPostgresError(f"There is no database in {self._directory} yet; `maskloom up` makes it.")
        return f"postgresql+psycopg://{ROLE}:{self._access.secret}@/{database}?host={quote(str(self._sockets))}"

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one statement outside a transaction, as CREATE DATABASE requires."""
        with self._connect(database) as connection:
            connection.execute(statement.encode())

    def ensure_database(self, name: str = DATABASE) -> None:
        """Create the database unless it exists."""
        with suppress(psycopg.errors.DuplicateDatabase):
            self.execute(f'CREATE DATABASE "{name}"')

    def why_not(self) -> str:
        """Why a connection is refused at this moment; empty if it is not."""
        try:
            self._connect("postgres").close()
        except psycopg.Error as problem:
            return str(problem).strip()
        return ""

    def is_responsive(self) -> bool:
        """Whether the server says anything at all within five seconds."""
        try:
            self._connect("postgres").close()
        except psycopg.errors.ConnectionTimeout:
            return False
        except psycopg.Error:
            return True
        return True

    def log_tail(self) -> str:
        with suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])
        return ""

    def _connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self._sockets),
            user=ROLE,
            password=self._access.secret,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _create(self, guise: Disguise) -> None:
        shutil.rmtree(self._fresh, ignore_errors=True)
        initialise(self._fresh, guise)
        self._fresh.rename(self._cluster)

    def _await_answer(self) -> str:
        """Wait until the server answers. Returns an empty text, or the reason why it does not."""
        assert self._process is not None
        error = "no answer"
        deadline = time.monotonic() + 60  # recovery after a crash may replay a lot
        while time.monotonic() < deadline:
            if (status := self._process.poll()) is not None:
                return f"it ended with status {status}"
            error = self.why_not()
            if not error or _WRONG_PASSWORD in error:
                return error
            time.sleep(0.03)
        self.stop()
        return error

    def _stop_orphan(self) -> None:
        """Stop a server that a killed supervisor left running on this cluster, and void what a dead one left."""
        pid_file = self._cluster / "postmaster.pid"
        try:
            pid, *rest = pid_file.read_text().split("\n")
            orphan = int(pid)
        except (OSError, ValueError):
            return
        if is_alive(orphan) and str(self._cluster) in command_line(orphan):
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                with suppress(ProcessLookupError):  # it may end at any moment
                    os.kill(orphan, number)
                deadline = time.monotonic() + _ORPHAN_SECONDS
                while is_alive(orphan) and time.monotonic() < deadline:
                    time.sleep(0.05)
                if not is_alive(orphan):
                    return
        elif is_alive(orphan):
            # Its number belongs to another program by now, which Postgres would take for a server. It still has to
            # check the shared memory that the file names, so the file stays.
            pid_file.write_text("\n".join([str(_NO_PROCESS), *rest]))
            for left in self._sockets.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        first()  # changing the user clears what the second sets, so the order matters
        second()

    return run


def _socket_directory(directory: Path) -> Path:
    """A folder that only this user can enter, with a path short enough for a socket."""
    sockets = directory / "run"
    if len(os.fsencode(sockets)) + len("/.s.PGSQL.5432.lock") > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()) / f"maskloom-{os.geteuid()}-{digest}"
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets.chmod(0o700)  # fails if the folder is somebody else's, which must not be trusted
    return sockets
