"""Files that would do harm are refused before they can: names that lead away, links, and zips that swell."""

import stat
import zipfile
from pathlib import Path

import pytest

from backend.imports.content.files import Meter, Stopped, open_dataset
from backend.imports.problems import UnreadableDataset
from tests.backend.imports.reading import IDS, png, read_dataset, refused, zipped

MASK = "Annotations/480p/clip/00000.png"


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:/evil.png", "a\\evil.png"])
def test_a_name_that_leads_out_of_the_zip_is_refused(name: str, tmp_path: Path) -> None:
    assert "leads out of it" in refused(tmp_path, {name: png(IDS), MASK: png(IDS)})


def test_links_encrypted_files_and_doubles_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo(MASK)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnreadableDataset, match="is a link"):
        read_dataset(tmp_path / "link.zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.json", "{}")
    with pytest.raises(UnreadableDataset, match=r"two files called a\.json"):
        read_dataset(tmp_path / "two.zip")


def test_a_zip_that_unpacks_to_far_more_than_its_size_is_refused_before_it_fills_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.imports.content.files._FREE_GROWTH_BYTES", 1024**2)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", '{"videos": ["' + "0" * 20_000_000 + '"]}')
    with pytest.raises(UnreadableDataset, match="unpacks to far more"):
        read_dataset(tmp_path / "bomb.zip")


def test_a_zip_of_very_many_files_is_refused_by_the_size_of_its_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.imports.content.files._MAX_DIRECTORY_BYTES", 1000)
    zipped({f"{index}.txt": b"" for index in range(50)}, tmp_path / "many.zip")
    with pytest.raises(UnreadableDataset, match="lists more files than can be imported"):
        read_dataset(tmp_path / "many.zip")


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = zipped({MASK: png(IDS)}, tmp_path / "dataset.zip")
    content = bytearray(path.read_bytes())
    at = content.find(b"IDAT")
    content[at + 8] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UnreadableDataset, match=r"00000.png is damaged in the zip"):
        read_dataset(path)


def test_nobody_reads_on_once_it_is_not_wanted(tmp_path: Path) -> None:
    meter = Meter(wanted=False)
    with (
        open_dataset(zipped({MASK: png(IDS)}, tmp_path / "dataset.zip"), name="", meter=meter) as files,
        pytest.raises(Stopped),
    ):
        files.read(MASK)
