"""The documents tell what is there: the tree, every setting, every problem."""

import re

from tests.architecture.repository import ROOT, tracked_files


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
