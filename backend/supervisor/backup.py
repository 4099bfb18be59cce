"""`maskloom backup` and `maskloom restore`: the database and the files it names, in one archive.

A backup is taken while people work: the dump is one moment of the database, and objects never change once they are
stored. What was deleted between that moment and its copying is told, and the backup is refused.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from sqlalchemy import make_url

from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.cluster.programs import program
from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url
from backend.db.migrate import migrate, refuse_newer, stored_revision
from backend.settings import Settings
from backend.storage.live_folder import paths_in
from backend.supervisor.claims import data_folder
from backend.supervisor.stored_queries import one_moment
from backend.terminal import TerminalError

_MANIFEST = "maskloom.json"
_DUMP = "database.dump"
_SAMPLE_MARK = "sample.loaded"


class BackupError(TerminalError):
    """There is nothing to back up, or no backup to restore, or no place to restore it to. The message says it."""


def back_up(settings: Settings, target: Path) -> None:
    """Write an archive that `restore` reads. Only its owner can read it.

    Raises:
        BackupError: there is nothing to back up, or something was deleted meanwhile.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    os.umask(0o077)
    with _filled_database(settings) as url, TemporaryDirectory(dir=target.parent, prefix=".maskloom-backup-") as work:
        revision = stored_revision(url)
        refuse_newer(revision)
        with one_moment(url) as (moment, keys):
            _run_client(
                "pg_dump", url, "--format=custom", f"--snapshot={moment}", "--no-owner", f"--file={work}/{_DUMP}"
            )
        manifest = {"maskloom": version("maskloom"), "revision": revision, "made": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
        files = [(_DUMP, Path(work) / _DUMP), *_files_of(settings)]
        lost = keys - {name.removeprefix("objects/") for name, _path in files}
        if not lost:
            lost = _write(Path(work) / "archive", json.dumps(manifest), files)
        if lost:
            raise BackupError(f"{len(lost)} files were deleted while the backup was made. Run it again.")
        shutil.move(Path(work) / "archive", target)


def restore(settings: Settings, archive: Path) -> None:
    """Fill an empty data folder, and an empty database, from an archive of `back_up`. It may be run again if it breaks.

    Raises:
        BackupError: this is no backup, or there is something where it would go.
        DatabaseTooNew: a newer Maskloom made it.
    """
    os.umask(0o077)
    try:
        with tarfile.open(archive) as tar:
            first = tar.next()
            content = tar.extractfile(first) if first is not None and first.name == _MANIFEST else None
            if content is None:
                raise BackupError(f"{archive} is no backup of Maskloom.")
            refuse_newer(json.loads(content.read())["revision"])
            with _empty_database(settings) as url, TemporaryDirectory(dir=settings.data_dir, prefix="restore-") as work:
                for member in iter(tar.next, None):
                    tar.extract(member, _place_of(member.name, settings, Path(work)), filter="data")
                dump = f"{work}/{_DUMP}"
                _run_client("pg_restore", url, "--no-owner", "--single-transaction", "--exit-on-error", dump)
                migrate(url)
    except (tarfile.TarError, EOFError, ValueError, KeyError):
        raise BackupError(f"{archive} is damaged, or no backup of Maskloom.") from None


def _place_of(name: str, settings: Settings, work: Path) -> Path:
    """The folder into which a member goes; its name repeats the parts below."""
    if name == _DUMP:
        return work
    if name.startswith("models/"):
        return settings.catalogue_data_dir
    if name.startswith("objects/") or name == _SAMPLE_MARK:
        return settings.data_dir.resolve()
    raise KeyError(name)


def _files_of(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What a data folder holds that cannot be made again, by its name in the archive."""
    data_dir = settings.data_dir.resolve()
    for folder in (data_dir / "objects", settings.catalogue_data_dir / "models"):
        for path in sorted(paths_in(folder)):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(folder.parent)), path
    if (data_dir / _SAMPLE_MARK).exists():
        yield _SAMPLE_MARK, data_dir / _SAMPLE_MARK


def _write(archive: Path, manifest: str, files: list[tuple[str, Path]]) -> set[str]:
    """Write the archive. Returns the names of files that were deleted before their turn came."""
    lost: set[str] = set()
    with tarfile.open(archive, "w") as tar, typer.progressbar(files, label="Copying") as shown:
        entry = tarfile.TarInfo(_MANIFEST)
        entry.size, entry.mtime = len(manifest.encode()), int(time.time())
        tar.addfile(entry, io.BytesIO(manifest.encode()))
        for name, path in shown:
            try:
                tar.add(path, arcname=name, recursive=False)
            except FileNotFoundError:
                lost.add(name)
    return lost


@contextmanager
def _filled_database(settings: Settings) -> Generator[str]:
    """The database, which is started for this if it is the embedded one and does not run."""
    if settings.database_url:
        yield settings.database_url
        return
    folder = settings.data_dir.resolve()
    postgres = EmbeddedPostgres(folder / "postgres")
    if not postgres.exists():
        raise BackupError(f"There is no database in {folder}; MASKLOOM_DATA_DIR names the data folder.")
    if not postgres.why_not():
        yield postgres.url()
        return
    with data_folder(folder):
        try:
            postgres.start()
            yield postgres.url()
        finally:
            postgres.stop()


@contextmanager
def _empty_database(settings: Settings) -> Generator[str]:
    folder = settings.data_dir.resolve()
    with data_folder(folder):
        postgres = None if settings.database_url else EmbeddedPostgres(folder / "postgres")
        try:
            if postgres is not None:
                postgres.start()
                postgres.ensure_database()
            url = settings.database_url or (postgres.url() if postgres else "")
            if stored_revision(url) is not None:
                raise BackupError(f"There is a database already, so nothing is restored over it: {folder}")
            yield url
        finally:
            if postgres is not None:
                postgres.stop()


def _run_client(name: str, url: str, *arguments: str) -> None:
    """Run a client program of Postgres. The password is in its environment, because arguments can be read by others."""
    address = make_url(libpq_url(url))
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    where = libpq_url(address.set(password=None).render_as_string(hide_password=False))
    try:
        command = program(name)
    except EmbeddedPostgresError:
        command = shutil.which(name) or ""
    if not command:
        raise BackupError(f"{name} is needed: install Postgres's client programs, or maskloom[embedded].")
    told = subprocess.run(
        [command, "--dbname", where, *arguments], capture_output=True, text=True, check=False, env=os.environ | secret
    )
    if told.returncode != 0:
        raise BackupError(f"{name} failed: {told.stderr.strip()[-2000:]}")
