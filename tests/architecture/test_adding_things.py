"""The table "Adding things" of CONTRIBUTING.md is true: what it names exists, and nothing else has to change.

Tools, shortcuts, export formats, models and figures are added by tests of their own, which the table names. What has
no registry to be added to is held here by the list of files that know it.
"""

import re

import pytest

from tests.architecture.repository import ROOT, sources
from tests.architecture.source import Source, product, source

ROWS = {
    "a prompt type", "a tool", "an export format", "a layout to import", "a model", "a shortcut",
    "a permission", "a figure", "a setting", "a problem", "a kind of job",
}  # fmt: skip

KNOW_PROMPT_TYPES = {
    "model_server/segmenter.py": "what a prompt is",
    "model_server/contract/prompts.py": "what it is on the wire",
    "model_server/prompt_bounds.py": "which points have to lie in the video",
    "model_server/serving/conversion.py": "from the wire to the model",
    "model_server/headless/prompt_forms.py": "how it is written in a file",
    "model_server/models/sam2/geometry.py": "from pixels of the video to those of the network",
    "model_server/models/loom/closer_look.py": "which part of a frame it is about",
    "model_server/models/loom/prompt_head/drawn_prompts.py": "how the prompt head is told of clicks and a box",
    "model_server/models/loom/sight.py": "which prompts have candidates",
    "model_server/models/loom/tracker.py": "whether it touches up a mask or asks for a new one",
    "model_server/models/loom/window.py": "the window around it",
    "model_server/training/prompt_head/simulated_person.py": "where simulated ones fall",
    "backend/annotation/record/schemas.py": "what a browser sends",
    "backend/tables/prompt_set.py": "how it is stored",
    "backend/insights/facts.py": "what counts as a click",
    "backend/annotation/record/tally_queries.py": "how clicks are counted",
    "backend/insights/queries.py": "how inputs are told apart from drawings",
    "model_server/evaluation/vos.py": "which protocols prompt with it",
    "model_server/measurement/baselines.py": "how optical flow moves it",
    "model_server/measurement/terminal_tables.py": "what a protocol is called",
}
"""Modules that name both clicks and box. To add a prompt type is to look at these, and at no others."""


def table() -> dict[str, tuple[str, str]]:
    """To add -> (edit, held by)."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Adding things")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if "|" in line]
    return {row[0]: (row[1], row[2].rstrip("| ")) for row in rows[2:]}


def test_the_table_has_every_row() -> None:
    assert table().keys() == ROWS


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_is_held_by_tests_that_exist(row: str) -> None:
    named = re.findall(r"`([^`]+)`", table()[row][1])
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("row", sorted(ROWS))
def test_what_a_row_tells_to_edit_exists(row: str) -> None:
    paths: list[str] = re.findall(r"`([\w./]+/[\w./]*|\.env\.example)`", table()[row][0])
    found = [any((ROOT / base / path).exists() for base in ("", "model_server", "backend")) for path in paths]
    assert paths
    assert [path for path, exists in zip(paths, found, strict=True) if not exists] == []


def knows_prompt_types(module: Source) -> bool:
    return {"clicks", "box"} <= {name for _, name in module.names()}


def test_prompt_types_are_known_in_the_listed_modules_and_nowhere_else() -> None:
    assert {str(module.path) for module in product() if knows_prompt_types(module)} == KNOW_PROMPT_TYPES.keys()
    assert knows_prompt_types(source("backend/videos/service.py", "def f(prompts): return prompts.clicks, prompts.box"))


REGISTRIES = {
    "backend/datasets/formats": ("registry.py", {"format", "parts", "registry"}),
    "backend/imports/readers": (
        "registry.py",
        {"categories", "clip_folders", "cvat_labels", "json_kinds", "pictures", "reader", "registry", "segmentations"},
    ),
    "backend/insights/figures": ("registry.py", {"figure", "registry"}),
    "model_server/models": (
        "architectures.py",
        {"architecture", "architectures", "catalogue", "problems", "registry", "weight_file"},
    ),
    "frontend/src/workspace/tools": ("registry.ts", {"exampleTool", "registry", "tool", "tools"}),
}
"""Folders whose modules are what can be added, but for a few: the module that lists them, and those few."""


def unlisted(names: set[str], listing: str) -> set[str]:
    """Modules that a registry does not import."""
    return {name for name in names if not re.search(rf"[./]{name}\b", listing)}


@pytest.mark.parametrize("folder", REGISTRIES)
def test_what_lies_in_the_folder_of_a_registry_is_listed(folder: str) -> None:
    listing, others = REGISTRIES[folder]
    inside = [path.relative_to(folder) for path in sources(".py", ".ts") if path.is_relative_to(folder)]
    names = {path.parts[0].split(".")[0] for path in inside if ".test." not in path.name} - {"__init__"} - others
    assert names
    assert unlisted(names, (ROOT / folder / listing).read_text()) == set()


def test_a_planted_format_without_a_line_is_found() -> None:
    assert unlisted({"sa_v", "coco"}, "from backend.datasets.formats.sa_v import SaV") == {"coco"}


def tables_of_permissions(modules: list[Source]) -> list[str]:
    """Modules besides the one that defines permissions that decide by a table or a switch of them."""
    return [
        str(module.path)
        for module in modules
        if re.search(r"(\bPermission\.\w+:|case Permission\.\w+|frozenset\(\{Permission)", module.text)
        and str(module.path) != "backend/auth/permissions.py"
    ]


def test_a_permission_stands_in_one_table() -> None:
    assert tables_of_permissions(list(product())) == []
    assert tables_of_permissions([source("backend/videos/service.py", "{Permission.verify: 1}")])


def kinds_of_jobs(module: Source) -> list[str]:
    """The kinds a module makes: a constant, or a function where a kind needs something of the application."""
    made = re.findall(r"^(\w+)(?:: JobKind)? = JobKind\(", module.text, re.MULTILINE)
    return made + re.findall(r"^def (\w+)\(.*\) -> JobKind:", module.text, re.MULTILINE)


def test_every_kind_of_job_is_listed() -> None:
    made = [name for module in product() for name in kinds_of_jobs(module)]
    listing = (ROOT / "backend/app.py").read_text().partition("def job_kinds")[2].partition("\n\n\n")[0]
    assert len(made) >= 4
    assert [name for name in made if not re.search(rf"_JOB: {name}\b", listing)] == []
    planted = "STILLS_KIND = JobKind(work=_draw)\n\n\ndef cut_kind(engine: Engine) -> JobKind:\n    ..."
    assert kinds_of_jobs(source("backend/videos/stills.py", planted)) == ["STILLS_KIND", "cut_kind"]
