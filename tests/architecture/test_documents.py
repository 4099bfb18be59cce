"""The documents tell what is there: every folder, path, setting, problem and floor, in words that are still ours."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from importlinter.contracts.layers import LayersContract

from tests.architecture.graph import contracts
from tests.architecture.repository import ROOT, sources, tracked_files
from tests.architecture.test_names import RETIRED

MAX_DECISION_LINES = 12
PROGRAMS = ("backend", "model_server", "frontend/src")
"""Where a path in a document may begin, besides the root and the page's own folder."""
NOT_OURS = {
    "build/peers", "frontend/dist", "dist",
    "prompts.json", "report.json", "report.md", "NAME.json", "VIDEO_manual.json", "DATA_DIR/models",
    "frames", "images", "masks", "JPEGImages", "Annotations", "masks/NNNNN.png", "masks_manual_per_object/ID/NNNNN.png",
}  # fmt: skip
"""What a build, a command or a data set of others has: not files of the repository."""
_PATH = re.compile(
    r"\.env\.example|(?:\.\./)*(?:[\w-]+/)+(?:[\w-]+(?:\.\w+)*)?|[\w-]+\.(?:py|tsx?|css|json|md|toml|yml)"
)


def test_every_folder_of_the_readme_tree_exists_and_none_is_missing() -> None:
    tree = re.search(r"```text\n(backend/.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert tree, "README.md has no captioned tree"
    shown: set[str] = set()
    top = ""
    for line in tree.group(1).splitlines():
        match = re.match(r"^( *)([\w.-]+/?)", line)
        if not match:
            continue
        if not match.group(1):
            top = match.group(2).rstrip("/")
            shown.add(top)
        elif match.group(2).endswith("/"):
            shown.add(f"{top}/{match.group(2).rstrip('/')}")
    missing = [path for path in shown if not (ROOT / path).exists()]
    assert missing == []
    folders = {"/".join(path.parts[:2]) for path in tracked_files() if len(path.parts) > 2}
    packages = {f for f in folders if f.startswith(("backend/", "model_server/"))}
    assert packages - shown == set()


def test_every_setting_is_documented() -> None:
    from backend.settings import Settings
    from model_server.serving.settings import Settings as ModelServerSettings

    for settings, page in ((Settings, ".env.example"), (ModelServerSettings, "model_server/README.md")):
        names = {f"MASKLOOM_{name.upper()}" for name in settings.model_fields}
        documented = set(re.findall(r"MASKLOOM_\w+", (ROOT / page).read_text()))
        assert names - documented == set(), page


def problems_of(program: str) -> dict[str, int]:
    """Status by slug, of every problem a program may answer with."""
    from backend.problems import MaskloomError
    from model_server.serving.problems import ModelServerError

    import_module("backend.app")  # with every feature and its problems
    found, classes = dict[str, int](), [MaskloomError, ModelServerError]
    for base in classes:
        classes += base.__subclasses__()
        if "slug" in vars(base) and base.__module__.startswith(f"{program}."):
            found[str(base.slug)] = base.status
    return found


def listed_problems(page: str) -> dict[str, int]:
    """Status by slug, as a page's table has them; one row may list several of each."""
    found: dict[str, int] = {}
    for slugs, statuses in re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \| ([\d, ]+) \|", page, re.MULTILINE):
        each = re.findall(r"[\w-]+", slugs)
        codes = [int(code) for code in statuses.split(",")]
        found |= dict(zip(each, codes if len(codes) == len(each) else codes * len(each), strict=True))
    return found


@pytest.mark.parametrize("program", ["backend", "model_server"])
def test_every_problem_is_documented_with_its_status(program: str) -> None:
    problems = problems_of(program)
    listed = listed_problems((ROOT / program / "README.md").read_text())
    assert len(problems) > 15
    assert {slug: status for slug, status in problems.items() if listed.get(slug) != status} == {}


def test_every_make_target_named_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named: set[str] = set()
    for document in ("README.md", "CONTRIBUTING.md"):
        named |= set(re.findall(r"`make ([\w-]+)", (ROOT / document).read_text()))
    assert named
    assert named - targets == set()


def decisions(text: str) -> dict[str, list[str]]:
    """Heading of each decision, and its lines without the empty ones at the end."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part.rstrip().splitlines() for part in parts}


def unruly(found: dict[str, list[str]]) -> list[str]:
    """Decisions that are too long, do not say whether they still hold, or break the numbering."""
    offenders = []
    for number, (heading, lines) in enumerate(found.items(), 1):
        status = re.match(r"Status: (?:accepted|(?:amended|superseded) by (\d+))", lines[1] if len(lines) > 1 else "")
        later = status and (not status[1] or number < int(status[1]) <= len(found))
        if len(lines) > MAX_DECISION_LINES or not later or not heading.startswith(f"{number}. "):
            offenders.append(heading)
    return offenders


def test_decisions_are_short_numbered_and_say_whether_they_hold() -> None:
    found = decisions((ROOT / "DECISIONS.md").read_text())
    assert len(found) > 50
    assert unruly(found) == []


@pytest.mark.parametrize(
    "lines", [["No status."], ["Status: accepted", *["long"] * MAX_DECISION_LINES], ["Status: perhaps"]]
)
def test_a_planted_unruly_decision_is_found(lines: list[str]) -> None:
    assert unruly(decisions("\n".join(["# Decisions", "", "## 1. Something", *lines])))
    assert (
        unruly(decisions("## 1. Something\nStatus: superseded by 2\nWhy.\n## 2. Other\nStatus: accepted\nWhy.")) == []
    )
    assert unruly(decisions("## 1. Something\nStatus: superseded by 2\nWhy."))
    assert unruly(decisions("## 2. Something\nStatus: accepted\nWhy."))


def test_the_glossary_has_every_reserved_word() -> None:
    """Developers have no other place to look a word up."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    glossary = text.partition("## Glossary")[2].partition("\n## ")[0]
    words = ("action", "candidate", "cell", "placement", "problem", "permission", "masklet", "phase", "verdict", "task")
    assert [word for word in words if not re.search(rf"^\| \**{word}", glossary, re.MULTILINE | re.IGNORECASE)] == []


def lost_paths(page: Path, text: str) -> list[str]:
    """Paths that a page names in backticks or links to, and that do not exist."""
    named = [*re.findall(r"`([^`\s]+)`", text), *re.findall(r"\]\(([^)#:]+)\)", text)]
    paths = {name.rstrip("/") for name in named if _PATH.fullmatch(name)} - NOT_OURS
    return sorted(path for path in paths if not _exists(page, path))


def _exists(page: Path, path: str) -> bool:
    if "/" not in path and any(each.name == path and page.parent in each.parents for each in tracked_files()):
        return True
    folders = (Path(), page.parent, *map(Path, PROGRAMS))
    return any(
        (ROOT / folder / f"{path}{suffix}").exists() for folder in folders for suffix in ("", ".py", ".ts", ".tsx")
    )


def test_every_path_in_the_documents_exists() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    assert len(pages) > 15
    lost = {str(page): paths for page in pages if (paths := lost_paths(page, (ROOT / page).read_text()))}
    assert lost == {}


def test_a_planted_lost_path_is_found() -> None:
    kept = "`videos/service.py`, `a b/c.py`, `maskloom up`, `problems.py`, `../frontend/src/app`, `videos/router`"
    lost = "`prompts/gone`, [page](gone/README.md), `gone.py`, `../gone/`"
    assert lost_paths(Path("backend/README.md"), kept + lost) == [
        "../gone",
        "gone.py",
        "gone/README.md",
        "prompts/gone",
    ]


def test_every_test_that_sources_name_exists() -> None:
    named = {
        (str(path), name.rstrip("."))
        for path in sources(".py", ".ts", ".tsx", ".md", ".toml")
        for name in re.findall(r"(?<![\w/])tests/[\w./-]+", (ROOT / path).read_text())
        if path.parts[:2] != ("tests", "architecture")
    }
    assert named
    assert sorted((path, name) for path, name in named if not (ROOT / name).exists()) == []


def starts_a_program(module: str) -> bool:
    """Whether `python -m MODULE` does something: a package with a __main__, or a module that says what it does then."""
    package, file = ROOT / module.replace(".", "/"), ROOT / (module.replace(".", "/") + ".py")
    guarded = package / "__main__.py" if package.is_dir() else file
    return guarded.is_file() and 'if __name__ == "__main__":' in guarded.read_text()


def test_every_command_that_a_page_or_a_source_names_starts_a_program() -> None:
    named = {
        name
        for path in sources(".py", ".md", ".toml", ".yml", "")
        for name in re.findall(r"python3? -m ((?:backend|model_server|tests)[\w.]*\w)", (ROOT / path).read_text())
    }
    assert "model_server.training" in named
    assert sorted(name for name in named if not starts_a_program(name)) == []


@pytest.mark.parametrize("module", ["model_server.footage.cutouts", "model_server.models", "tests.nowhere"])
def test_a_module_that_does_nothing_by_itself_is_no_command(module: str) -> None:
    assert not starts_a_program(module)


def floors(container: str) -> list[set[str]]:
    """The names on each floor of a package, from the top, as the contract has them."""
    for contract in contracts():
        if isinstance(contract, LayersContract) and [str(each) for each in contract.containers] == [container]:  # type: ignore[attr-defined]
            layers = [{tail.name for tail in layer.module_tails} for layer in contract.layers]  # type: ignore[attr-defined]
            return [layer - {"__main__"} for layer in layers]
    raise AssertionError(f"{container} has no floors")


def test_the_backends_page_shows_each_package_on_its_floor() -> None:
    block = (ROOT / "backend/README.md").read_text().partition("```text\n")[2].partition("```")[0]
    shown: list[set[str]] = []
    for line in block.splitlines():
        if not line.startswith(" "):
            shown.append(set())
        for word in line.split()[0 if line.startswith(" ") else 1 :]:
            if not (match := re.fullmatch(r"(\w+)(?:/|\.py)", word)):
                break
            shown[-1].add(match[1])
    assert shown == floors("backend")


def test_contributing_names_the_floors_of_the_contracts() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    name = next(contract.name for contract in contracts() if contract.name.startswith("Floors of the backend"))
    table = text.partition("| Floor |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (\w+) \|", table, re.MULTILINE) == name.partition(": ")[2].split(" > ")
    chain = re.search(r"\*\*Model server\.\*\* ((?:`[\w |]+`(?:\s>\s)?)+)", text)
    assert chain
    assert [set(floor.split(" | ")) for floor in re.findall(r"`([^`]+)`", chain[1])] == floors("model_server")


def retired_in_prose(text: str) -> list[str]:
    """Words that were given up; rows of tables are left out, since the glossary says there what not to call a thing."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("|"))
    return re.findall(rf"\b(?:{'|'.join(RETIRED)})\b", prose, re.IGNORECASE)


def test_no_page_has_a_retired_word() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md" and path.name != "CHANGELOG.md"]
    assert {str(page): words for page in pages if (words := retired_in_prose((ROOT / page).read_text()))} == {}


@pytest.mark.parametrize("text", ["The server sends a refusal.", "Refusals are listed", "the review desk"])
def test_a_planted_retired_word_is_found(text: str) -> None:
    assert retired_in_prose(text)
