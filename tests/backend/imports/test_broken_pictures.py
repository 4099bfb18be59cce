"""Pictures and folders that cannot be what they should be are refused, and the detail names the file to blame."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backend.datasets.test_lossless_layouts import masklet, video, write_dataset
from tests.backend.imports.reading import CORNER, IDS, png, refused


def davis(**files: bytes) -> dict[str, bytes]:
    """Two frames of palette pictures; keyword arguments are others, by their frame."""
    plain = {"f0": png(IDS), "f1": png(IDS)} | files
    return {f"Annotations/480p/clip/{int(name[1:]):05d}.png": content for name, content in plain.items()}


def youtube_vos(meta: Any, *frames: np.ndarray) -> dict[str, bytes]:
    pictures = {f"train/Annotations/clip/{index:05d}.png": png(frame) for index, frame in enumerate(frames)}
    return pictures | {"train/meta.json": json.dumps(meta).encode()}


def meta(frames: list[str], object_id: str = "1") -> dict[str, Any]:
    return {"videos": {"clip": {"objects": {object_id: {"category": "cup", "frames": frames}}}}}


PICTURE = "Annotations/480p/clip/00001.png"
BROKEN_PICTURES: dict[str, tuple[dict[str, bytes], str]] = {
    "colours": (davis(f1=png(IDS, "RGB")), f"{PICTURE} holds colours, not a palette"),
    "16 bits": (davis(f1=png(IDS * 300, "I;16")), f"{PICTURE} has values of 16 bits. Ids above 255"),
    "one object in gray": (davis(f1=png(IDS * 255, "L")), f"{PICTURE} is gray with 255 in it"),
    "other size": (davis(f1=png(IDS[:5])), f"{PICTURE} is 8 x 5 pixels, the clip's first mask 8 x 6."),
    "no picture": (davis(f1=b"GIF89a"), f"{PICTURE} is no PNG."),
    "half a picture": (davis(f1=png(IDS)[:60]), f"{PICTURE} is "),
    "no number": (davis() | {"Annotations/480p/clip/last.png": png(IDS)}, "clip/last.png has no frame number"),
    "the same frame": (davis() | {"Annotations/480p/clip/1.png": png(IDS)}, "are the same frame"),
    "not listed": (youtube_vos(meta(["00000"]), IDS * 2), "00000.png shows object 2, which meta.json does not list."),
    "mask missing": (
        youtube_vos(meta(["00000", "00005"]), IDS),
        "train/meta.json lists object 1 on frame 00005 of clip, which has no mask.",
    ),
    "id above 255": (
        youtube_vos(meta(["00000"], "256"), IDS),
        "video clip: a palette has no object 256; ids are 1 to 255.",
    ),
    "video missing": (
        youtube_vos({"videos": {"other": {"objects": {}}}}, IDS),
        "train/meta.json lists video other, of which there are no masks.",
    ),
    "meta of another kind": (
        youtube_vos({"videos": {"clip": {"objects": {"one": {}}}}}, IDS),
        "train/meta.json, video clip, objects.one",
    ),
    "three values": ({"Annotations/clip/001/00000.png": png(IDS + np.arange(8) % 3, "L")}, "001/00000.png has "),
    "binary in colours": (
        {"Annotations/clip/001/00000.png": png(IDS, "RGB")},
        "001/00000.png holds colours, not black and white.",
    ),
    "no mask at all": ({"Annotations/clip/001/00000.png": png(IDS * 0, "L")}, "It holds no object with a mask."),
    "text alone": ({"readme.txt": b"hello"}, "It is laid out as none of these: "),
    "nothing": ({}, "There are no files in it."),
}


@pytest.mark.parametrize("name", sorted(BROKEN_PICTURES))
def test_broken_pictures_are_refused_with_the_file(name: str, tmp_path: Path) -> None:
    content, words = BROKEN_PICTURES[name]
    assert words in refused(tmp_path, content)


def test_what_a_manifest_lists_is_compared_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "written").mkdir()
    exported = video([masklet(1, {0: CORNER, 2: CORNER})], (6, 8))
    path = write_dataset("davis", [exported], tmp_path / "written")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    mask = f"Annotations/480p/{exported.code}/00000.png"
    assert f"{mask} is missing" in refused(tmp_path, {name: files[name] for name in files if name != mask})
    other = png(IDS * 0)
    other += b"\0" * (len(files[mask]) - len(other))
    assert len(other) == len(files[mask])
    assert f"{mask} is not the file that manifest.json lists" in refused(tmp_path, files | {mask: other})
    told = json.loads(files["manifest.json"])
    told["videos"][0]["objects"][0]["id"] = 9
    words = refused(tmp_path, files | {"manifest.json": json.dumps(told).encode()})
    assert words == f"manifest.json does not know object 1 of video {exported.code}."
    told["manifest"] = 99
    assert "of a form that this Maskloom does not know" in refused(
        tmp_path, files | {"manifest.json": json.dumps(told).encode()}
    )
