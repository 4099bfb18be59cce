"""The API's description, from which the front end's client is generated.

Run `python -m backend.openapi` to write it to frontend/openapi.json.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from backend.problems import MEDIA_TYPE, Problem

TARGET = Path(__file__).resolve().parents[1] / "frontend" / "openapi.json"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe(app: FastAPI) -> None:
    """Make the application's description say what its errors really look like."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(plain())
        return app.openapi_schema

    app.openapi = openapi


def text(app: FastAPI) -> str:
    """The description as the file holds it."""
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.setdefault("Problem", Problem.model_json_schema())
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    for response in _responses(schema):
        kinds = {str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2] for content in _contents(response)}
        if kinds & {"Problem", "HTTPValidationError"}:
            response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
        if "HTTPValidationError" in kinds:
            response["description"] = "`malformed-request`: The request is malformed"
    return schema


def _responses(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        for operation in path.values():
            yield from operation["responses"].values()


def _contents(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from response.get("content", {}).values()


def write(*, check: bool = False) -> None:
    """Write the description to its file; with `check`, exit with a message when the file is not up to date."""
    from backend.app import create_app  # here, because the application describes itself with this module

    current = text(create_app())
    if not check:
        TARGET.write_text(current, encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != current:
        raise SystemExit("frontend/openapi.json is out of date: run `make openapi`.")


if __name__ == "__main__":
    write(check="--check" in sys.argv[1:])
