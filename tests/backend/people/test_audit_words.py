"""Every entry of the audit trail is told in words of its own, with what it was about."""

import re
from collections.abc import Iterator

from tests.architecture.repository import ROOT

WORDS = ROOT / "frontend/src/team/members/auditText.ts"
ACTION = re.compile(r'"([a-z-]+|\{[a-z.]+\})\.([a-z_-]+|[a-z_]*\{[a-z.]+\}[a-z_]*)"')
NONE = {"noun.verb", "users.id", "content.sqlite"}


def _actions() -> Iterator[re.Pattern[str]]:
    """What the backend writes as actions, with anything where it fills in a word."""
    for path in (ROOT / "backend").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "audit" not in text:
            continue
        for found in ACTION.finditer(text):
            action = found.group()[1:-1]
            if action not in NONE:
                yield re.compile(re.sub(r"\{[a-z.]+\}", "[a-z_]+", action))


def test_every_action_has_words() -> None:
    told = re.findall(r'^  "([^"]+)":', WORDS.read_text(encoding="utf-8"), re.MULTILINE)
    actions = set(_actions())
    assert len(actions) > 25, "the search finds no actions any more"
    assert sorted(action.pattern for action in actions if not any(map(action.fullmatch, told))) == []
