"""The zip of a dataset: any software reads it, and its table of files takes no memory."""

import tracemalloc
import zipfile
from pathlib import Path

from backend.datasets.archive import Archive

BYTES_A_FILE = 40  # of two million that is 80 MB; the table in memory took 370 bytes of each


def test_very_many_files_take_hardly_any_memory(tmp_path: Path) -> None:
    names = [f"Annotations/ü/{number:05d}.png" for number in range(6000)]
    with Archive(tmp_path / "many.zip") as archive:
        for name in names[:500]:
            archive.add(name, name.encode())
        tracemalloc.start()
        for name in names[500:]:
            archive.add(name, name.encode())
        archive.close()
        grown, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert grown < len(names) * BYTES_A_FILE
    with zipfile.ZipFile(tmp_path / "many.zip") as read:
        assert read.namelist() == names
        assert read.testzip() is None
        assert read.read(names[-1]) == names[-1].encode()
        assert {entry.external_attr for entry in read.infolist()} == {0o644 << 16}
