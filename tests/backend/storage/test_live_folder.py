"""The walk through a folder in which others delete."""

import shutil
from pathlib import Path

from backend.storage.live_folder import files_in, paths_in


def test_what_is_deleted_during_a_walk_is_left_out(tmp_path: Path) -> None:
    for name in ("a/b/c", "d/e"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "d/link").symlink_to(tmp_path / "a", target_is_directory=True)
    assert {str(path.relative_to(tmp_path)) for path in files_in(tmp_path)} == {"a/b/c/file", "d/e/file"}
    seen = paths_in(tmp_path)
    first = {next(seen), next(seen)}
    shutil.rmtree(tmp_path / "a")
    assert first == {tmp_path / "a", tmp_path / "d"}
    assert {str(path.relative_to(tmp_path)) for path in seen} == {"d/e", "d/e/file", "d/link"}
    assert list(files_in(tmp_path / "a")) == []
