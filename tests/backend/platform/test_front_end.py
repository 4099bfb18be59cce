"""The built front end is served beside the API."""

from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.running import running_backend


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Maskloom</title>")
    (folder / "assets" / "index-abc.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_addresses_of_the_front_end_get_its_page(database_url: str, data_dir: Path, build: Path) -> None:
    settings = Settings(database_url=database_url, data_dir=data_dir, frontend_dir=build)
    async with running_backend(settings) as backend:
        for path in ("/", "/projects/1", "/videos/2?frame=3"):
            page = await backend.client.get(path)
            assert (page.status_code, page.text) == (200, "<title>Maskloom</title>"), path
            assert page.headers["cache-control"] == "no-cache"
        script = await backend.client.get("/assets/index-abc.js")
        assert "immutable" in script.headers["cache-control"]
        assert "javascript" in script.headers["content-type"]
        assert (await backend.client.get("/assets/index-old.js")).status_code == 404
        unknown = await backend.client.get("/api/nothing")
        assert unknown.status_code == 404
        assert unknown.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/%2e%2e/secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "//secret.txt"])
async def test_no_file_outside_the_build_is_served(database_url: str, data_dir: Path, build: Path, path: str) -> None:
    settings = Settings(database_url=database_url, data_dir=data_dir, frontend_dir=build)
    async with running_backend(settings) as backend:
        assert "secret" not in (await backend.client.get(path)).text
