"""Every route that takes a file takes a large one; the others take what a form can hold."""

from backend.app import create_app
from backend.settings import Settings
from backend.web.guard import is_upload


def test_every_route_that_takes_a_file_may_get_a_large_one() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    files = {
        (method, path)
        for path, methods in paths.items()
        for method, route in methods.items()
        if "application/octet-stream" in route.get("requestBody", {}).get("content", {})
    }
    assert len(files) >= 2
    for path, methods in paths.items():
        for method in methods:
            scope = {"method": method.upper(), "path": path.replace("{project_id}", "1")}
            assert is_upload(scope) == ((method, path) in files), path
