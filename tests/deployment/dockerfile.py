"""Dockerfiles as lists of instructions."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.repository import ROOT


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str

    def json(self) -> list[str]:
        """The exec form of CMD, and of HEALTHCHECK."""
        return [str(word) for word in json.loads(self.rest[self.rest.index("[") :])]


def instructions(path: str | Path) -> list[Instruction]:
    lines = (ROOT / path).read_text().replace("\\\n", " ").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return [Instruction(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in told)]


def rest_of(path: str | Path, word: str) -> list[str]:
    return [each.rest for each in instructions(path) if each.word == word]
