"""Every list that a GET answers with is a page of stated size, or stands here with what bounds it."""

from collections.abc import Iterator
from typing import Any

import pytest

from backend.app import create_app
from backend.settings import Settings

WHOLE = {
    "/api/export-formats": "one for each format that we write",
    "/api/phases": "there are three",
}
"""The lists that are answered whole."""

WITHIN = {
    "AuditPage.entries": "a page of its own kind, at most 500",
    "Changes.frames": "a page of its own kind",
    "Changes.masklets": "of one video, and only those that changed",
    "Changes.runs": "of one video, and only those that changed",
    "Coverage.at_idle": "the three idle limits",
    "HealthRead.model_servers": "those that the settings name",
    "ImportDetails.attributes": "of one dataset: what a project can have, and what is left out",
    "ImportDetails.classes": "of one dataset: what a project can have, and what is left out",
    "ImportDetails.videos": "of one dataset, at most 10,000, of which a form shows all",
    "InsightsRead.people": "who worked in one project",
    "InsightsRead.people_weeks": "one for each of them and each week in which they did",
    "InsightsRead.phase_table": "the three phases",
    "InsightsRead.studies": "of one project; few are ever started",
    "InsightsRead.waiting_time": "the three phases",
    "MissingModel.projects": "one person's projects",
    "ModelRead.projects": "one person's projects",
    "ModelsRead.decisions": "MAX_DECISIONS of the model server's contract",
    "ModelsRead.missing": "models that one person's projects chose",
    "ModelsRead.models": "MAX_MODELS of the model server's contract",
    "ProjectModelRead.changes": "each was made by a person, in one project",
    "Ontology.attributes": "MAX_ATTRIBUTES of the ontology's schemas",
    "Ontology.classes": "MAX_CLASSES of the ontology's schemas",
    "Attribute.choices": "MAX_CHOICES of the ontology's schemas",
    "PromptSetRead.clicks": "MAX_CLICKS of the model server's contract",
    "RunRead.left_out": "objects of one run, which has at most 10,000",
    "StudyChoices.objects": "one project's objects that a person outlined, of which a form shows all",
    "StudyChoices.people": "one project's members",
    "StudyDetails.arms": "at most 1,000 objects for each of 100 people",
    "TuningPlan.videos": "one project's videos with verified objects, of which the plan says what becomes of each",
    "TuningRead.comparison": "the measures of one comparison",
    "VideoLease.held": "one video's tasks",
    "VideoLease.others": "one video's tasks",
    "VideoLease.waiting": "one video's tasks",
    "VideoTimingRead.at_idle": "the three idle limits",
    "VideoTimingRead.gaps": "in the time spent on one video",
    "VideoTimingRead.masklets": "one video's objects",
}
"""The lists of objects inside answers, by schema and field."""


class Description:
    """The API's description, as far as lists in answers to GET are concerned."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._paths: dict[str, Any] = described["paths"]
        self._schemas: dict[str, Any] = described["components"]["schemas"]

    def bare(self) -> dict[str, dict[str, Any]]:
        """The parameters, by name, of each path that answers with a list."""
        return {
            path: {each["name"]: each["schema"] for each in operation.get("parameters", ())}
            for path, operation, answer in self._answers()
            if answer.get("type") == "array"
        }

    def within(self) -> set[str]:
        """Lists of objects inside answers, as `Schema.field`."""
        found: set[str] = set()
        for _, _, answer in self._answers():
            self._collect(answer, "", found, set())
        return found

    def _answers(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        for path, methods in self._paths.items():
            operation = methods.get("get", {})
            content = operation.get("responses", {}).get("200", {}).get("content", {})
            if "application/json" in content:
                yield path, operation, content["application/json"]["schema"]

    def _collect(self, schema: dict[str, Any], place: str, found: set[str], seen: set[str]) -> None:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            for field, inner in self._schemas[name].get("properties", {}).items():
                self._collect(inner, f"{name}.{field}", found, seen)
        items = schema.get("items", {})
        if place and self._is_object(items):
            found.add(place)
        for inner in (items, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            if inner:
                self._collect(inner, place, found, seen)

    def _is_object(self, schema: dict[str, Any]) -> bool:
        name = schema.get("$ref", "").rpartition("/")[2]
        return bool(name) and "enum" not in self._schemas[name]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def unbounded(described: dict[str, Any]) -> list[str]:
    """The lists that are neither pages nor named above."""
    found = Description(described)
    bare = [
        path
        for path, parameters in found.bare().items()
        if path not in WHOLE and not ("cursor" in parameters and "maximum" in parameters.get("limit", {}))
    ]
    return sorted([*bare, *(found.within() - WITHIN.keys())])


def test_every_list_is_bounded(described: dict[str, Any]) -> None:
    assert unbounded(described) == []


def test_what_is_named_here_exists_and_is_no_page(described: dict[str, Any]) -> None:
    found = Description(described)
    assert found.within() >= WITHIN.keys()
    assert [path for path in WHOLE if "cursor" in found.bare()[path]] == []


def test_a_planted_list_is_caught(described: dict[str, Any]) -> None:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/TaskRead"}}
    held = {"type": "object", "properties": {"tasks": {"anyOf": [listed, {"type": "null"}]}}}
    answers = {"/api/bare": listed, "/api/held": {"$ref": "#/components/schemas/Held"}}
    paths = {
        path: {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}
        for path, schema in answers.items()
    }
    components = {"schemas": described["components"]["schemas"] | {"Held": held}}
    assert unbounded({"paths": paths, "components": components}) == ["/api/bare", "Held.tasks"]
