"""One word for one thing, nouns for modules, no dumping grounds, and nothing of one machine in the repository."""

import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

from tests.architecture.repository import ROOT, sources, tracked_files, tracked_links
from tests.architecture.source import PRODUCTS, Source, everything, product, source

DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "lib", "constants", "stuff"}
TOP_LEVEL = {
    "backend", "frontend", "model_server", "migrations", "docker", "tests",
    "docker-compose.yml", "pyproject.toml", "README.md",
    "Makefile", "constraints.txt", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
    ".env.example", ".pre-commit-config.yaml", ".gitignore", ".dockerignore", ".ci", ".github",
}  # fmt: skip

ROLES = {"router", "service", "queries", "schemas", "problems", "__init__", "__main__"}
"""A package may have one module of each in every room."""
GERUNDS = {"tracking", "training", "retraining", "timing", "tuning", "labeling", "serving", "encoding"}
"""Words of the glossary that end in -ing."""
NO_GERUNDS = {"string", "thing", "ring", "setting", "king", "wing"}
RETIRED = {
    "refusal": "problem",
    "refusals": "problems",
    "desk": "what it is: engine, queue, lease",
    "desks": "what they are: engines, queues, leases",
    "readings": "candidates (of SAM), views (of rows)",
}
"""Words that no name of ours has any more, and what says it now."""
RETIRED_IN_NETWORKS = {"place": "cell", "places": "cells", "reading": "candidate"}


def gerunds(modules: Iterable[Source]) -> list[str]:
    """Modules and packages named for what is done, not for what they are."""
    found = set[str]()
    for module in modules:
        for part in module.path.with_suffix("").parts:
            last = part.rsplit("_", 1)[-1]
            if last.endswith("ing") and last not in GERUNDS | NO_GERUNDS:
                found.add(str(module.path))
    return sorted(found)


def double_classes(modules: Iterable[Source]) -> dict[str, list[str]]:
    """Names that two classes of one process share."""
    where: dict[tuple[str, str], list[str]] = defaultdict(list)
    for module in modules:
        for node in module.classes():
            where[module.path.parts[0], node.name].append(str(module.path))
    return {name: paths for (_, name), paths in where.items() if len(paths) > 1}


def double_modules(modules: Iterable[Source]) -> dict[str, list[str]]:
    """Names that two modules of one package share, and that are not those of a role."""
    where: dict[tuple[str, str], list[str]] = defaultdict(list)
    for module in modules:
        if module.path.stem not in ROLES:
            where[module.package, module.path.stem].append(str(module.path))
    return {f"{package}: {stem}": paths for (package, stem), paths in where.items() if len(paths) > 1}


def retired_words(modules: Iterable[Source]) -> list[str]:
    found = []
    for module in modules:
        retired = RETIRED | (RETIRED_IN_NETWORKS if "network" in module.path.parts else {})
        used = ((line, word) for line, word in module.words() if word in retired)
        found += [f"{module.path}:{line}: {word}, now {retired[word]}" for line, word in used]
    return found


def test_modules_are_nouns() -> None:
    assert gerunds(product()) == []


def test_a_class_name_is_unique_in_its_process() -> None:
    assert double_classes(product()) == {}


def test_a_module_name_is_unique_in_its_package() -> None:
    assert double_modules(product()) == {}


def test_no_name_has_a_retired_word() -> None:
    tests = [each for each in everything() if each.path.parts[0] == "tests" and each.path.parts[1] != "architecture"]
    assert retired_words([*product(), *tests]) == []


@pytest.mark.parametrize(
    "offender",
    [
        pytest.param(source("backend/videos/splitting.py", ""), id="a module"),
        pytest.param(source("backend/looking/service.py", ""), id="a package"),
        pytest.param(source("backend/videos/hand_over_asking.py", ""), id="the last word of a name"),
    ],
)
def test_a_planted_gerund_is_found(offender: Source) -> None:
    assert gerunds([offender, source("model_server/training/string.py", "")]) == [str(offender.path)]


def test_a_planted_double_is_found() -> None:
    twice = [source(f"backend/{package}/lease.py", "class Lease: ...") for package in ("tasks", "studies")]
    assert list(double_classes(twice)) == ["Lease"]
    assert double_classes([twice[0], source("model_server/serving/lease.py", "class Lease: ...")]) == {}
    assert double_classes([source(f"backend/{room}/a.py", "class _Lease: ...") for room in ("tasks", "studies")])
    assert double_modules(twice) == {}
    rooms = [source(f"backend/annotation/{room}/frames.py", "") for room in ("record", "routes")]
    assert list(double_modules(rooms)) == ["backend/annotation: frames"]
    assert double_modules([source(f"backend/people/{room}/router.py", "") for room in ("a", "b")]) == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("backend/videos/refusals.py", ""),
        ("backend/videos/service.py", "class UploadRefusal: ..."),
        ("backend/videos/service.py", "def f(refusal): ..."),
        ("backend/videos/service.py", "video.ask_desk = 1"),
        ("backend/videos/service.py", "from backend.videos import problems as refusals"),
        ("backend/videos/problems.py", 'class TooLarge: slug = "upload-refusal"'),
        ("model_server/models/sam2/network/sam2.py", "f(reading=1)"),
    ],
)
def test_a_planted_retired_word_is_found(path: str, text: str) -> None:
    assert retired_words([source(path, text)])


def test_no_file_or_folder_is_a_dumping_ground() -> None:
    assert [str(path) for path in tracked_files() if {path.stem, *path.parts} & DUMPING_GROUNDS] == []


def test_the_top_level_holds_what_the_design_names_and_nothing_else() -> None:
    assert {path.parts[0] for path in tracked_files()} - TOP_LEVEL == set()
    assert set(PRODUCTS) <= TOP_LEVEL


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


def test_no_symbolic_link_is_committed() -> None:
    """One that leads out of the repository leads nowhere on another machine, and a build fails there."""
    assert tracked_links() == ()


def test_nothing_the_repository_locks_names_a_registry_host() -> None:
    lock = ROOT / "frontend" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()
