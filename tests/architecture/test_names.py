"""One word for one thing, no dumping grounds, and nothing of one machine in the repository."""

import re

import pytest

from tests.architecture.repository import ROOT, sources, tracked_files

DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "lib", "constants", "stuff"}
TOP_LEVEL = {
    "backend", "frontend", "model_server", "migrations", "docker", "tests",
    "docker-compose.yml", "pyproject.toml", "README.md",
    "Makefile", "constraints.txt", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "LICENSE", "SECURITY.md",
    ".env.example", ".pre-commit-config.yaml", ".gitignore", ".dockerignore", ".ci", ".github",
}  # fmt: skip


def test_no_file_or_folder_is_a_dumping_ground() -> None:
    assert [str(path) for path in tracked_files() if {path.stem, *path.parts} & DUMPING_GROUNDS] == []


def test_the_top_level_holds_what_the_design_names_and_nothing_else() -> None:
    assert {path.parts[0] for path in tracked_files()} - TOP_LEVEL == set()


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\b(TODO|FIXME|XXX|HACK)\b", id="left-over markers"),
        pytest.param(r"(?<![\w.~-])/(home|root|work|farm)/[\w.-]+", id="paths of one machine"),
        pytest.param(r"(@ts-ignore|# type: ignore$|# noqa$)", id="checkers silenced without a reason"),
    ],
)
def test_sources_are_free_of(pattern: str) -> None:
    own = "tests/architecture/test_names.py"
    hits = [
        f"{path}:{number}: {line.strip()}"
        for path in sources(".py", ".ts", ".tsx", ".md", ".toml", ".yml")
        if str(path) != own
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert hits == []


def test_nothing_the_repository_locks_names_a_registry_host() -> None:
    lock = ROOT / "frontend" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()
