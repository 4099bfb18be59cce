"""The documents tell what is there: the tree, every setting, every problem, every module in its first sentence."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.architecture.repository import ROOT, tracked_files
from tests.architecture.source import Source, everything, product, source

MAX_DECISION_LINES = 12


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

    names = {f"MASKLOOM_{name.upper()}" for name in Settings.model_fields}
    documented = (ROOT / ".env.example").read_text()
    assert sorted(name for name in names if name not in documented) == []


def test_every_problem_is_documented() -> None:
    slugs = set()
    for path in tracked_files():
        if path.suffix == ".py" and path.parts[0] in {"backend", "model_server"}:
            slugs |= set(re.findall(r'^\s+slug = "([\w-]+)"', (ROOT / path).read_text(), re.MULTILINE))
    documented = (ROOT / "backend" / "README.md").read_text() + (ROOT / "model_server" / "README.md").read_text()
    assert slugs
    assert sorted(slug for slug in slugs if f"`{slug}`" not in documented) == []


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
        has_status = len(lines) > 1 and re.match(r"Status: (accepted|amended by \d+|superseded by \d+)", lines[1])
        if len(lines) > MAX_DECISION_LINES or not has_status or not heading.startswith(f"{number}. "):
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
    assert unruly(decisions("## 1. Something\nStatus: superseded by 2\nWhy.")) == []
    assert unruly(decisions("## 2. Something\nStatus: accepted\nWhy."))


def without_a_sentence(modules: Iterable[Source]) -> list[str]:
    """Modules that do not begin by saying, in one sentence, what they are for."""
    offenders = []
    for module in modules:
        described = (ast.get_docstring(module.tree) or "").split("\n\n")[0].rstrip()
        if module.text.strip() and not described.endswith((".", "?", ":", ")")):
            offenders.append(str(module.path))
    return offenders


def test_every_module_begins_with_a_sentence() -> None:
    assert without_a_sentence(everything()) == []


@pytest.mark.parametrize("text", ["x = 1", '"""Videos"""', '"""\n"""\nx = 1'])
def test_a_planted_module_without_a_sentence_is_found(text: str) -> None:
    assert without_a_sentence([source("backend/videos/service.py", text)])


def bare_raises(modules: Iterable[Source]) -> list[str]:
    """Docstrings that begin with their errors instead of with what the thing is or does."""
    return [
        f"{module.path}:{getattr(node, 'lineno', 1)}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (ast.get_docstring(node) or "").startswith("Raises")
    ]


def test_no_docstring_begins_with_its_errors() -> None:
    assert bare_raises(product()) == []
    assert bare_raises([source("backend/videos/service.py", 'def find():\n    """Raises: NotFound."""')])


def test_the_glossary_has_every_reserved_word() -> None:
    """Developers have no other place to look a word up."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    glossary = text.partition("## Glossary")[2].partition("\n## ")[0]
    words = ("action", "candidate", "cell", "placement", "problem", "permission", "masklet", "phase", "verdict", "task")
    assert [word for word in words if not re.search(rf"^\| \**{word}", glossary, re.MULTILINE | re.IGNORECASE)] == []
