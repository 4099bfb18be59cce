"""What nobody names is swept, and what somebody names or writes stays."""

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions
from backend.storage import staging_area
from backend.storage.leftovers import Shelf, clear
from backend.storage.objects import ObjectStore
from backend.storage.staging_area import sweep, work_folder

KNOWN, AT_WORK, GONE = uuid4(), uuid4(), uuid4()


def put(path: Path, *, age_seconds: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    for part in (path, *path.parents):
        if part.stat().st_mtime > path.stat().st_mtime - age_seconds:
            os.utime(part, (path.stat().st_atime - age_seconds,) * 2)
        if len(part.name) == len(str(GONE)):
            break
    return path


async def test_files_that_no_row_names_are_deleted(sessions: Sessions, tmp_path: Path) -> None:
    kept = put(tmp_path / f"v/{KNOWN}/abc/proxy.mp4")
    superseded = put(tmp_path / f"v/{KNOWN}/def/proxy.mp4")
    partial = put(tmp_path / f"v/{GONE}/abc/source#1")  # of a write that was killed
    under_way = put(tmp_path / f"v/{AT_WORK}/abc/proxy.mp4")
    foreign = put(tmp_path / "v/notes/read.me")

    async def named(_session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
        assert set(ids) == {KNOWN, AT_WORK, GONE}
        return {KNOWN: [f"v/{KNOWN}/abc/proxy.mp4"], AT_WORK: None}

    removed = await clear(Shelf(tmp_path, "v/*", named), sessions, grace_seconds=0)
    assert removed == 2
    assert all(path.exists() for path in (kept, under_way, foreign))
    assert not any(path.exists() for path in (superseded.parent, partial.parent.parent))


async def test_files_that_were_just_written_stay(sessions: Sessions, tmp_path: Path) -> None:
    fresh = put(tmp_path / f"{uuid4()}/a")
    old = put(tmp_path / f"{uuid4()}/a", age_seconds=700)

    async def none(_session: AsyncSession, _ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
        return {}

    assert await clear(Shelf(tmp_path, "*", none), sessions, grace_seconds=600) == 1
    assert (fresh.exists(), old.exists()) == (True, False)


async def test_deleting_an_object_takes_what_a_killed_write_left(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    await store.put("v/one/abc/source", b"whole")
    (tmp_path / "v/one/abc/source#1").write_bytes(b"half")
    await store.put("v/other/abc/source", b"whole")
    await store.delete_under("v/one")
    await store.delete_under("v/never-was")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == ["v/other/abc/source"]


async def test_a_work_folder_goes_with_its_block_and_is_not_swept_before(tmp_path: Path) -> None:
    async with work_folder(tmp_path / "one") as folder:
        os.utime(folder, (0, 0))
        assert sweep(tmp_path) == 0
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_work_folder_of_a_killed_process_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import asyncio, os, signal, sys\nfrom pathlib import Path\n"
        "from backend.storage.staging_area import work_folder\n"
        "async def main():\n"
        "    async with work_folder(Path(sys.argv[1])) as folder:\n"
        "        (folder / 'half').write_bytes(b'x' * 1000)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "one")], check=False)
    assert (tmp_path / "one/half").exists()
    assert sweep(tmp_path) == 0  # it may have been made a moment ago, and be about to be locked
    monkeypatch.setattr(staging_area, "_MADE_JUST_NOW_SECONDS", 0)
    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
