"""Datasets as folders: unpacked with every file compared with the manifest, or packed to be uploaded."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from backend.client.connection import OnProgress
from backend.terminal import TerminalError

_MANIFEST = "manifest.json"
_PICTURES = {".jpg", ".jpeg"}


def unpack(archive: Path, folder: Path, *, on_progress: OnProgress) -> None:
    """Unpack an exported zip into a new folder, which appears when all files are there and are as the manifest says.

    Raises:
        TerminalError: a file is damaged.
    """
    growing = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(growing, ignore_errors=True)
    with zipfile.ZipFile(archive) as source:
        listed: dict[str, str] = {file["path"]: file["sha256"] for file in json.loads(source.read(_MANIFEST))["files"]}
        names = source.infolist()
        for done, info in enumerate(names):
            on_progress(done, len(names))
            unpacked = Path(source.extract(info, growing))
            if info.filename != _MANIFEST and _sha256(unpacked) != listed.get(info.filename):
                raise TerminalError(f"{info.filename} is not as the manifest says: the download is damaged.")
    if folder.exists():
        folder.rmdir()  # it is empty
    growing.rename(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(dataset: Path, folder: Path, *, on_progress: OnProgress) -> Path:
    """Pack a dataset into a zip in the folder. Returns its path.

    An import looks at the names of pictures but not into them, so they are packed empty; a manifest would miss them.
    """
    target = folder / f"{dataset.resolve().name}.zip"
    files = sorted(path for path in dataset.rglob("*") if path.is_file())
    whole = (dataset / _MANIFEST).is_file()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True, strict_timestamps=False) as archive:
        for done, path in enumerate(files):
            on_progress(done, len(files))
            name = str(path.relative_to(dataset))
            if whole or path.suffix.lower() not in _PICTURES:
                archive.write(path, name)
            else:
                archive.writestr(name, b"")
    return target


def require_free(target: Path, *, folder: bool) -> None:
    """Refuse to write over something.

    Raises:
        TerminalError: the target is there already, and is no empty folder.
    """
    if folder and target.is_dir() and not any(target.iterdir()):
        return
    if target.exists():
        raise TerminalError(f"{target} is there already. Give a name that is free{', or an empty folder' * folder}.")


def manifest_of(dataset: Path) -> dict[str, Any]:
    """The manifest of a dataset that was fetched."""
    if dataset.is_dir():
        return dict(json.loads((dataset / _MANIFEST).read_text(encoding="utf-8")))
    with zipfile.ZipFile(dataset) as archive:
        return dict(json.loads(archive.read(_MANIFEST)))
