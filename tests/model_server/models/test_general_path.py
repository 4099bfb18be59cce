"""The general path has no words for what only the model in the box does: whoever adds a model reads none of it."""

import re

from tests.architecture.repository import ROOT

GENERAL = (
    "models/sam2",
    "models/catalogue",
    "models/architecture.py",
    "models/registry.py",
    "training/loop.py",
    "training/rollout.py",
)
WORDS = re.compile(r"correspondence|closer.?look|\bshots?\b|touch(ing|ed)?.?up|is_lost|adopt_carried|carrying", re.I)


def test_the_general_path_does_not_know_the_words_of_the_model_in_the_box() -> None:
    places = [ROOT / "model_server" / part for part in GENERAL]
    files = [file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place])]
    assert len(files) > 40
    assert [f"{file.name}: {found[0]}" for file in files if (found := WORDS.search(file.read_text()))] == []
