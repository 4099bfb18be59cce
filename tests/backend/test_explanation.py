"""A mistake at the terminal is answered with a sentence, and only a fault of ours with a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.explanation import explanation
from tests.architecture.repository import ROOT

NOBODY_ANSWERS = "postgresql://me:secret@127.0.0.1:1/maskloom"


@pytest.mark.parametrize(
    ("command", "settings", "told"),
    [
        (["up"], {"PORT": "abc", "SIGN_IN": "yes"}, ["MASKLOOM_PORT", "MASKLOOM_SIGN_IN", "'local' or 'accounts'"]),
        (["up"], {"DATA_DIR": "/dev/null"}, ["/dev/null", "MASKLOOM_DATA_DIR"]),
        (["up"], {"DATABASE_URL": "mysql://me:secret@host/maskloom"}, ["MASKLOOM_DATABASE_URL", "postgresql://"]),
        (["up"], {"PUBLIC_ORIGIN": "https://here.example"}, ["MASKLOOM_SIGN_IN=accounts"]),
        (["migrate"], {"DATABASE_URL": NOBODY_ANSWERS}, ["database", "refused"]),
        (["user", "link"], {"DATABASE_URL": NOBODY_ANSWERS}, ["database", "refused"]),
        (["user", "link"], {}, ["no database", "maskloom up"]),
        (["serve"], {}, ["maskloom up", "MASKLOOM_DATABASE_URL"]),
        (["backup", "/no/folder/here.tar"], {}, ["no database"]),
    ],
)
def test_a_mistake_at_the_terminal_is_answered_in_a_sentence(
    command: list[str], settings: dict[str, str], told: list[str], tmp_path: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASKLOOM_")}
    environment |= {f"MASKLOOM_{name}": value for name, value in ({"DATA_DIR": str(tmp_path)} | settings).items()}
    ended = subprocess.run(
        [sys.executable, "-m", "backend", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = ended.stderr
    assert ended.returncode in {1, 2}, said
    assert len(said.splitlines()) <= 7, said
    assert all(part in said for part in told), said
    assert "secret" not in said


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    assert explanation(KeyError("masklet")) is None
    assert explanation(BrokenPipeError()) is None
