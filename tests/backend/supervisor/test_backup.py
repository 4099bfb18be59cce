"""A backup, taken while people work or not, fills an empty data folder with the same database and files."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from backend import tables
from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url
from backend.db.migrate import migrate
from backend.tables.states import VideoState
from backend.tables.user import LOCAL_OWNER_ID
from tests.architecture.repository import ROOT


@pytest.fixture
def worked_in(tmp_path: Path) -> Iterator[tuple[Path, EmbeddedPostgres]]:
    """A data folder with a project, a video's file and a model, and its running database."""
    folder = tmp_path / "worked in"
    for name in ("objects/v/1/source", "models/mine/weights"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(name)
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    postgres.ensure_database()
    migrate(postgres.url())
    engine = create_engine(postgres.url())
    with Session(engine) as session, session.begin():
        project = tables.Project(name="Kept", created_by=LOCAL_OWNER_ID)
        session.add(project)
        session.flush()
        whose = {"project_id": project.id, "created_by": LOCAL_OWNER_ID}
        session.add(tables.Video(name="clip", state=VideoState.failed, stride=4, source_key="v/1/source", **whose))
    engine.dispose()
    yield folder, postgres
    postgres.stop()


def maskloom(command: str, archive: Path, data_dir: Path) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k != "MASKLOOM_DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "backend", command, str(archive)],
        cwd=ROOT,
        env=environment | {"MASKLOOM_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )


def projects_in(folder: Path) -> list[str]:
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    try:
        with psycopg.connect(libpq_url(postgres.url())) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM projects").fetchall()]
    finally:
        postgres.stop()


@pytest.mark.parametrize("is_running", [True, False])
def test_a_restored_folder_has_what_was_backed_up(
    worked_in: tuple[Path, EmbeddedPostgres], tmp_path: Path, is_running: bool
) -> None:
    folder, postgres = worked_in
    if not is_running:
        postgres.stop()
    made = maskloom("backup", tmp_path / "out.tar", folder)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "out.tar").stat().st_mode & 0o777 == 0o600
    assert "exists already" in maskloom("backup", tmp_path / "out.tar", folder).stderr
    restored = maskloom("restore", tmp_path / "out.tar", tmp_path / "new")
    assert restored.returncode == 0, restored.stderr
    assert projects_in(tmp_path / "new") == ["Kept"]
    for name in ("objects/v/1/source", "models/mine/weights"):
        assert (tmp_path / "new" / name).read_text() == name
    again = maskloom("restore", tmp_path / "out.tar", tmp_path / "new")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "There is a database already" in again.stderr


def test_a_backup_that_lacks_a_file_is_not_kept(worked_in: tuple[Path, EmbeddedPostgres], tmp_path: Path) -> None:
    folder, _postgres = worked_in
    (folder / "objects/v/1/source").unlink()
    made = maskloom("backup", tmp_path / "out.tar", folder)
    assert made.returncode == 1
    assert "1 files were deleted" in made.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["worked in"]


def archive_of(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content.encode()))
    return path


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, "no backup of Maskloom"),
        ({"other": "x"}, "no backup of Maskloom"),
        ({"maskloom.json": "{}"}, "no backup of Maskloom"),
        ({"maskloom.json": json.dumps({"revision": "9999"})}, "A newer Maskloom"),
        ({"maskloom.json": json.dumps({"revision": "0001"}), "../evil": "x"}, "no backup of Maskloom"),
        ({"maskloom.json": json.dumps({"revision": "0001"}), "objects/../../evil": "x"}, "no backup of Maskloom"),
    ],
)
def test_what_is_no_backup_is_refused_in_one_sentence(tmp_path: Path, members: dict[str, str], told: str) -> None:
    archive = archive_of(tmp_path / "a.tar", members)
    restored = maskloom("restore", archive, tmp_path / "new")
    assert (restored.returncode, restored.stderr.count("\n")) == (1, 1), restored.stderr
    assert told in restored.stderr
    assert not (tmp_path / "evil").exists()
