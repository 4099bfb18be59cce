"""The description of the API is what the application does, and the committed file is up to date."""

from backend.app import create_app
from backend.openapi import TARGET, text
from backend.settings import Settings


def test_the_committed_description_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(create_app(Settings())), "run `make openapi`"


def test_every_error_is_described_as_a_problem() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    wrong = [
        f"{method} {path} {status}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        for status, response in operation["responses"].items()
        if status >= "400" and not path.startswith("/api/health")
        if list(response["content"]) != ["application/problem+json"]
    ]
    assert wrong == []


def test_no_field_of_an_answer_is_optional_by_accident() -> None:
    """A default in an output schema makes the field optional in TypeScript."""
    schemas = create_app(Settings()).openapi()["components"]["schemas"]
    offenders = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        if name.endswith("Read")
        for field in schema.get("properties", {})
        if field not in schema.get("required", [])
    ]
    assert offenders == []
