"""The recipes of the client's page, run one after another against a backend."""

import asyncio
import re
import zipfile
from pathlib import Path
from typing import Any

from backend.client.maskloom import Maskloom
from backend.datasets.schemas import ExportCreate
from backend.db.engine import Sessions
from backend.tables import Video
from tests.architecture.repository import ROOT
from tests.backend.datasets.test_export import dataset
from tests.backend.imports.importing import copy_of_project
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, disk
from tests.clips import write_clip


async def test_the_documented_recipes_do_what_they_say(
    annotator: Annotator, workplace: RunningBackend, sessions: Sessions, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    masklet = await annotator.create_masklet(name="Cup")
    await annotator.draw(masklet, 0, disk(100, 100, 30))
    _export, content = await dataset(annotator)
    copy = await copy_of_project(sessions, annotator.video)
    monkeypatch.chdir(tmp_path)
    Path("dataset.zip").write_bytes(content)
    write_clip(Path("clip.mp4"), "constant", num_frames=8)
    told = await asyncio.to_thread(run_recipes, workplace.url, str(copy.project_id))
    words = capsys.readouterr().out
    assert told["video"].state == "ready"
    assert told["preview"].videos[0].video_id == copy.video_id
    assert "1 objects\n" in words
    assert "done 40 of 40" in words or "done 39 of 39" in words
    assert "annotate clip.mp4" in words
    with zipfile.ZipFile("davis.zip") as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".png") for name in archive.namelist()) == 40
    async with sessions.begin() as session:
        assert await session.get(Video, told["video"].id) is not None


def run_recipes(address: str, project_id: str) -> dict[str, Any]:
    """The page's code but its first block, whose site and project are others here. Its variables."""
    recipes = re.findall(r"```python\n(.*?)```", (ROOT / "backend/client/README.md").read_text(), re.DOTALL)
    assert len(recipes) == 6
    with Maskloom(address) as site:
        variables: dict[str, Any] = {"site": site, "Path": Path, "ExportCreate": ExportCreate}
        variables["project"] = site.project(project_id)
        exec(recipes[1], variables)
        uploaded = variables["video"]
        exec(recipes[2], variables)
        variables["video"] = site.video(variables["project"].id, variables["preview"].videos[0].video_id)
        for recipe in recipes[3:]:
            exec(recipe, variables)
    return variables | {"video": uploaded}
