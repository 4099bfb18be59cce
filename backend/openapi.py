"""The API's description (OpenAPI), from which the front end's client is generated."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import RouteContext, iter_route_contexts

from backend.auth.access import ACCESS_PROBLEMS, Access, access, declared_access
from backend.auth.permissions import Permission
from backend.collision import Collision
from backend.outage import OUTAGES
from backend.problems import MEDIA_TYPE, Problem, problems

TARGET = Path(__file__).resolve().parents[1] / "frontend" / "openapi.json"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": _PROBLEM}}
_UNREADABLE = "`bad-request`: The body cannot be read, such as JSON that is not UTF-8"


def describe(app: FastAPI) -> None:
    """Add the real form of errors, and each route's access, to the application's description."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_outages(_with_problems(_with_access(plain(), app)))
        return app.openapi_schema

    app.openapi = openapi


def text(app: FastAPI) -> str:
    """The description as written to the file."""
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _with_access(schema: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """Add each route's declared access as `x-access`, from which the authorization tests build their matrix."""
    shut_out = problems(*ACCESS_PROBLEMS)
    for route in api_routes(app):
        declared = declared_access(route.dependencies)
        for method in (route.methods or ()) if route.include_in_schema else ():
            operation = schema["paths"][route.path_format][method.lower()]
            if isinstance(declared, Access):
                operation["x-access"] = {
                    "permission": declared.permission,
                    "resource": declared.resource.name if declared.resource else "site",
                    **({"or": declared.other} if declared.other else {}),
                }
                for status, problem in shut_out.items():
                    operation["responses"][str(status)] = {
                        "description": problem["description"],
                        "content": _PROBLEM_CONTENT,
                    }
            elif declared is not None:
                operation["x-access"] = {"permission": "public"}
    return schema


def _with_outages(schema: dict[str, Any]) -> dict[str, Any]:
    """Add what every route may answer for a while, beside what it answers otherwise."""
    after = {"description": "Seconds after which to repeat the request.", "schema": {"type": "integer"}}
    for status, outage in problems(*OUTAGES, Collision).items():
        for operation in (operation for path in schema["paths"].values() for operation in path.values()):
            if not any(_describes_problems(response) for response in operation["responses"].values()):
                continue  # such as health, which answers in its own form
            own = operation["responses"].get(str(status), {"description": ""})
            words = "; ".join(filter(None, (own["description"], outage["description"])))
            content = {MEDIA_TYPE: {"schema": _PROBLEM}}
            operation["responses"][str(status)] = {
                "description": words,
                "content": content,
                "headers": {"Retry-After": after},
            }
    return schema


def _describes_problems(response: dict[str, Any]) -> bool:
    return MEDIA_TYPE in response.get("content", {})


def description_router() -> APIRouter:
    """The route that serves the description. It is not part of it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api/openapi.json", dependencies=[access(Permission.view)])
    def read_description(request: Request) -> JSONResponse:
        """The API's description (OpenAPI)."""
        description: dict[str, Any] = request.app.openapi()
        return JSONResponse(description)

    return router


def api_routes(app: FastAPI) -> list[RouteContext]:
    """All routes of the API, including those that the description leaves out."""
    return [route for route in iter_route_contexts(app.routes) if (route.path or "").startswith("/api")]


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.setdefault("Problem", Problem.model_json_schema())
    components.pop("HTTPValidationError", None)
    components.pop("ValidationError", None)
    for operation in _operations(schema):
        if "requestBody" in operation:
            operation["responses"].setdefault("400", {"description": _UNREADABLE, "content": _PROBLEM_CONTENT})
    for response in _responses(schema):
        kinds = {str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2] for content in _contents(response)}
        if kinds & {"Problem", "HTTPValidationError"}:
            response["content"] = _PROBLEM_CONTENT
        if "HTTPValidationError" in kinds:
            response["description"] = "`malformed-request`: The request is malformed"
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in schema["paths"].values():
        yield from path.values()


def _responses(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operation in _operations(schema):
        yield from operation["responses"].values()


def _contents(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from response.get("content", {}).values()
