"""A data folder belongs to its user alone, also one that an earlier version left open to all."""

import stat
from pathlib import Path

from backend.supervisor.claims import data_folder


def test_an_open_folder_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    elsewhere.write_text("somebody else's")
    elsewhere.chmod(0o644)
    (data / "objects/v/1").mkdir(parents=True)
    for name, mode in (("objects/v/1/proxy.mp4", 0o644), ("backend.log", 0o664), ("program", 0o755)):
        (data / name).write_text(name)
        (data / name).chmod(mode)
    (data / "link").symlink_to(elsewhere)
    (data / "gone").symlink_to(tmp_path / "nowhere")
    for folder in (data, data / "objects", data / "objects/v"):
        folder.chmod(0o755)
    with data_folder(data):
        pass
    modes = {path.relative_to(data): stat.S_IMODE(path.lstat().st_mode) for path in data.rglob("*")}
    assert {path: mode for path, mode in modes.items() if mode & 0o077 and not (data / path).is_symlink()} == {}
    assert (stat.S_IMODE(data.stat().st_mode), modes[Path("program")]) == (0o700, 0o700)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644
