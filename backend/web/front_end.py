"""The route that serves the built front end: its files, and its page for all other addresses."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

from backend.problems import NotFound

_FOR_EVER = "public, max-age=31536000, immutable"  # the bundler puts a hash of the content into these names
_ASK_AGAIN = "no-cache"


def front_end_router(folder: Path) -> APIRouter:
    """The route for everything outside the API. Include it last."""
    router = APIRouter(include_in_schema=False)
    folder = folder.resolve()

    @router.get("/{path:path}")
    def page_or_file(path: str) -> Response:
        """A file of the build, or else the page itself, because the front end routes its own addresses."""
        if path == "api" or path.startswith("api/"):
            raise NotFound("There is no such address in the API.")
        file = _file(folder, path)
        if file is not None:
            caching = _FOR_EVER if path.startswith("assets/") else _ASK_AGAIN
            return FileResponse(file, headers={"Cache-Control": caching})
        if path.startswith("assets/"):
            raise NotFound("This file belongs to another version of the page: reload it.")
        index = folder / "index.html"
        if not index.is_file():
            return PlainTextResponse("The front end is not built: run `make up`.", status_code=503)
        return FileResponse(index, headers={"Cache-Control": _ASK_AGAIN})

    return router


def _file(folder: Path, path: str) -> Path | None:
    """The file of the build at a path, if there is one. A path may name what no file can be called."""
    try:
        file = (folder / path).resolve()
        return file if path and file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):
        return None
