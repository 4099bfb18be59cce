"""docker-compose.yml as Compose reads it: anchors merged, variables replaced."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.architecture.repository import ROOT

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}")


@dataclass(frozen=True)
class Service:
    name: str
    raw: dict[str, Any]

    @property
    def command(self) -> list[str]:
        return [str(word) for word in self.raw.get("command", [])]

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.raw.get("environment", {}).items()}

    @property
    def healthcheck(self) -> list[str]:
        test = [str(word) for word in self.raw["healthcheck"]["test"]]
        assert test[0] == "CMD"
        return test[1:]


@dataclass(frozen=True)
class ComposeFile:
    raw: dict[str, Any]
    services: dict[str, Service] = field(default_factory=dict)


def variables() -> dict[str, list[tuple[str | None, str]]]:
    """Every variable of the file, with how each of its uses ends: (":-" or ":?" or None, default or message)."""
    found: dict[str, list[tuple[str | None, str]]] = {}
    for match in _VARIABLE.finditer((ROOT / "docker-compose.yml").read_text()):
        found.setdefault(match["name"], []).append((match["kind"], match["rest"] or ""))
    return found


def read_compose(values: Mapping[str, str]) -> ComposeFile:
    """With these values of the variables; one that the file requires must be among them."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match["name"], "")
        if given == "" and match["kind"] == ":?":
            raise KeyError(f"{match['name']}: {match['rest']}")
        return given or (match["rest"] or "" if match["kind"] == ":-" else "")

    text = _VARIABLE.sub(value, (ROOT / "docker-compose.yml").read_text())
    raw = yaml.safe_load(text)
    return ComposeFile(raw, {name: Service(name, service) for name, service in raw["services"].items()})
