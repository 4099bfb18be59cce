"""`maskloom export` and `maskloom import` against a running backend, as a person at a terminal has them."""

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backend.cli import app
from backend.client.connection import SiteConnection
from backend.db.engine import Sessions
from tests.backend.imports.importing import copy_of_project, stored_objects
from tests.backend.imports.test_imports import vis
from tests.backend.ontology.test_ontologies import ids, replace
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, disk


async def maskloom(backend: RunningBackend, *words: str, answer: str | None = None) -> Result:
    """Run the command in a terminal of 200 columns; with an answer, as if somebody sat there."""
    environment = {"MASKLOOM_URL": backend.url, "COLUMNS": "200"}
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(words), env=environment, input=answer))


@pytest.fixture
async def cup(annotator: Annotator) -> Annotator:
    """Two objects that overlap on frame 4."""
    for name, x in (("cup", 100), ("lid", 120)):
        masklet = await annotator.create_masklet(name=name)
        await annotator.draw(masklet, 4, disk(x, 100, 30))
    return annotator


async def test_an_export_comes_as_a_zip_or_as_a_folder_with_a_summary(
    cup: Annotator, workplace: RunningBackend, tmp_path: Path
) -> None:
    project = str(cup.video.project_id)
    done = await maskloom(workplace, "export", "P", "--format", "davis", "--out", str(tmp_path / "d.zip"))
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(tmp_path / "d.zip")
    assert "2 objects of 1 video with 2 masks." in done.stderr
    assert "pixels of 1 object lost under others." in done.stderr
    folder = tmp_path / "deep" / "d"
    made = await replace(cup.client, project, {"classes": [{"name": "Car"}]}, 0)
    of_a_class = await cup.create_masklet(name="taxi", class_id=ids(made.json()["ontology"])["Car"])
    await cup.draw(of_a_class, 4, disk(200, 100, 9))
    words = ("--format", "coco", "--frames", "none", "--video", "clip.mp4", "--origin", "manual", "--classes", "Car")
    done = await maskloom(workplace, "export", project, *words, "--out", str(folder))
    assert done.exit_code == 0, done.output
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["format"]["name"], manifest["settings"]["origins"]) == ("coco", ["manual"])
    assert [each["name"] for each in manifest["videos"][0]["objects"]] == ["taxi"]
    assert "Left out: 2 masklets of other classes." in done.stderr
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "annotations/instances_train.json",
        "manifest.json",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.zip", "deep"], "nothing unfinished is left"
    again = await maskloom(workplace, "export", project, "--out", str(folder))
    assert (again.exit_code, "is there already" in str(again.exception)) == (1, True)


async def test_a_download_that_was_stopped_goes_on_with_the_same_export(
    cup: Annotator, workplace: RunningBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("export", "P", "--out", str(tmp_path / "d.zip"))
    fetch = SiteConnection.download

    def stopped(self: SiteConnection, path: str, target: Path, **_more: Any) -> None:
        with self._http.stream("GET", path, headers={"Range": "bytes=0-999"}) as answer:
            target.write_bytes(answer.read())
        raise KeyboardInterrupt

    monkeypatch.setattr(SiteConnection, "download", stopped)
    done = await maskloom(workplace, *words)
    assert (done.exit_code, "The same command goes on from here." in done.stderr) == (130, True)
    starts: list[int] = []

    def resumed(self: SiteConnection, path: str, target: Path, **more: Any) -> None:
        starts.append(target.stat().st_size)
        fetch(self, path, target, **more)

    monkeypatch.setattr(SiteConnection, "download", resumed)
    done = await maskloom(workplace, *words)
    assert (done.exit_code, starts) == (0, [1000])
    assert zipfile.ZipFile(tmp_path / "d.zip").testzip() is None
    exports = (await cup.client.get(f"/api/projects/{cup.video.project_id}/exports")).json()
    assert len(exports) == 1


async def test_what_cannot_be_exported_is_said_in_one_line_with_a_status_of_its_own(
    cup: Annotator, workplace: RunningBackend, tmp_path: Path
) -> None:
    out = ("--out", str(tmp_path / "d"))
    for words, code, line in (
        (("Q", *out), 1, "There is no project 'Q': there are: 'P'."),
        (("P", *out, "--format", "gif"), 1, "There is no such format: The formats are: sa_v, "),
        (("P", *out, "--frames", "png"), 1, "holds frames as: video, none."),
        (("P", *out, "--class", "Kite"), 1, "There is no class 'Kite': there are: none."),
        (("P", *out, "--origin", "robot"), 2, "--origin: Input should be 'manual' or 'auto'."),
        (("P", *out, "--only-satisfactory"), 1, "There is nothing to export: Left out: 2 unverified masklets"),
        (("P", *out, "--url", "http://127.0.0.1:9"), 3, "Maskloom does not answer at http://127.0.0.1:9"),
    ):
        done = await maskloom(workplace, "export", *words)
        assert (done.exit_code, line in done.stderr) == (code, True), done.output
    assert not list(tmp_path.iterdir())


async def test_an_import_shows_what_it_would_make_and_asks(
    cup: Annotator, workplace: RunningBackend, sessions: Sessions, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    assert (await maskloom(workplace, "export", "P", "--format", "coco", "--out", str(folder))).exit_code == 0
    copy = await copy_of_project(sessions, cup.video)
    words = ("import", str(folder), "--project", str(copy.project_id))
    refused = await maskloom(workplace, *words)
    assert refused.exit_code == 1
    assert "COCO (run lengths, polygons): 2 objects of 1 video with 2 masks." in refused.stdout
    assert "clip.mp4 -> clip.mp4 (by " in refused.stdout
    assert "Say --yes" in refused.stderr
    other = await maskloom(workplace, *words, "--layout", "davis", "--yes")
    assert (other.exit_code, "read as coco, not as davis" in other.stderr) == (1, True)
    assert await stored_objects(sessions, copy.video_id) == {}
    assert (await cup.client.get(f"/api/projects/{copy.project_id}/imports")).json() == []
    done = await maskloom(workplace, *words, "--yes", "--then", "verify")
    assert (done.exit_code, "2 objects made." in done.stdout) == (0, True), done.output
    assert await stored_objects(sessions, copy.video_id) == await stored_objects(sessions, cup.video.video_id)


async def test_labels_become_classes_or_stay_names(
    cup: Annotator, workplace: RunningBackend, sessions: Sessions, tmp_path: Path
) -> None:
    document = tmp_path / "vis.json"
    document.write_bytes(vis({4: disk(100, 100, 30)}))
    for labels, classes in (("names", []), ("classes", ["cup"])):
        copy = await copy_of_project(sessions, cup.video)
        words = ("import", str(document), "--project", str(copy.project_id), "--yes", "--labels")
        done = await maskloom(workplace, *words, labels)
        assert (done.exit_code, "1 object made." in done.stdout) == (0, True), done.output
        told = (await cup.client.get(f"/api/projects/{copy.project_id}/ontology")).json()
        assert [each["name"] for each in told["ontology"]["classes"]] == classes
        wrong = await maskloom(workplace, *words, "both")
        assert (wrong.exit_code, "`classes` or `names`" in wrong.stderr) == (2, True), wrong.output


async def test_a_folder_of_others_is_sent_without_its_pictures(
    cup: Annotator, workplace: RunningBackend, sessions: Sessions, tmp_path: Path
) -> None:
    folder = tmp_path / "bear"
    assert (await maskloom(workplace, "export", "P", "--format", "davis", "--out", str(folder))).exit_code == 0
    (folder / "manifest.json").unlink()
    copy = await copy_of_project(sessions, cup.video, name=next((folder / "Annotations/480p").iterdir()).name)
    done = await maskloom(workplace, "import", str(folder), "--project", str(copy.project_id), "--yes")
    assert done.exit_code == 0, done.output
    (uploaded,) = (await cup.client.get(f"/api/projects/{copy.project_id}/imports")).json()
    pictures = sum(path.stat().st_size for path in folder.rglob("*.jpg"))
    assert uploaded["size_bytes"] < pictures
