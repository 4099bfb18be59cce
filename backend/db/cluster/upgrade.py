"""Bring a cluster of an older Postgres to the newest: a new cluster is filled, and the old one is kept beside it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from backend.db.cluster.access import SUPERUSER
from backend.db.cluster.disguise import Disguise
from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.cluster.programs import cluster_version, folder_of, newest_version, program, single_user

_RULES = f"local  all  {SUPERUSER}  trust\n"  # for pg_upgrade's own servers, whose socket is in a folder of ours alone
_MORE_ROOM_BYTES = 100 * 1024**2


def initialise(cluster: Path, disguise: Disguise, *, checksums: bool = True) -> None:
    """Make an empty cluster that nobody may connect to.

    Raises:
        EmbeddedPostgresError: initdb failed.
    """
    command = [program("initdb"), "-D", str(cluster), "-U", SUPERUSER, "--auth=reject", "-E", "UTF8", "--locale=C"]
    command.append("--data-checksums" if checksums else "--no-data-checksums")
    _run(command, disguise, cwd=cluster.parent)


def kept_name(version: int) -> str:
    """The folder beside the cluster in which an upgraded one is kept."""
    return f"cluster.postgres{version}"


def finish_interrupted(cluster: Path, fresh: Path) -> None:
    """Put the new cluster in its place, if a crash came between the two last steps of an upgrade."""
    kept = [path for path in cluster.parent.glob(kept_name(0)[:-1] + "*") if cluster_version(path)]
    if not cluster.exists() and kept and cluster_version(fresh) == newest_version():
        fresh.rename(cluster)


def upgrade(cluster: Path, fresh: Path, disguise: Disguise) -> Path:
    """Upgrade a cluster that is not running. Returns the folder in which the old one is kept, unchanged.

    Raises:
        EmbeddedPostgresError: it failed, and the old cluster is where it was; or there is no room for the copy.
    """
    version = cluster_version(cluster)
    _require_room(cluster)
    single_user(cluster, ["SELECT 1"], database="template1", disguise=disguise)  # recovers it from a crash
    shutil.rmtree(fresh, ignore_errors=True)
    initialise(fresh, disguise, checksums=_has_checksums(cluster, version, disguise))
    for each in (cluster, fresh):
        (each / "pg_hba.conf").write_text(_RULES)
    kept = cluster.with_name(kept_name(version))
    with tempfile.TemporaryDirectory(prefix="maskloom-upgrade-") as work:
        if disguise.needs_ownership:
            shutil.chown(work, fresh.stat().st_uid)
        folders = ["-b", str(folder_of(version)), "-B", str(folder_of(newest_version()))]
        command = [program("pg_upgrade"), *folders, "-d", str(cluster), "-D", str(fresh), "-U", SUPERUSER, "-s", work]
        _run(command, disguise, cwd=Path(work))
    shutil.rmtree(kept, ignore_errors=True)
    cluster.rename(kept)
    fresh.rename(cluster)
    return kept


def _require_room(cluster: Path) -> None:
    needed = sum(path.lstat().st_size for path in cluster.rglob("*")) + _MORE_ROOM_BYTES
    free = shutil.disk_usage(cluster).free
    if free < needed:
        raise EmbeddedPostgresError(
            f"The database of Postgres {cluster_version(cluster)} is copied to be upgraded, which needs "
            f"{needed // 1024**2} MB; {free // 1024**2} MB are free at {cluster}."
        )


def _has_checksums(cluster: Path, version: int, disguise: Disguise) -> bool:
    told = _run([program("pg_controldata", version=version), str(cluster)], disguise, cwd=cluster.parent)
    return "Data page checksum version:           0" not in told


def _run(command: list[str], disguise: Disguise, *, cwd: Path) -> str:
    result = subprocess.run(
        disguise.command(command),
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"LC_ALL": "C"},
        preexec_fn=disguise.become,
    )
    if result.returncode != 0:
        words = f"{result.stdout.strip()}\n{result.stderr.strip()}"[-3000:].strip()
        raise EmbeddedPostgresError(f"{Path(command[0]).name} failed: {words}")
    return result.stdout
