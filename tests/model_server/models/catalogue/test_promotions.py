"""Which model is the default is a decision on disk: kept, taken back, and read by whoever looks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue, UnknownModel
from model_server.models.catalogue.promotions import LOG, NothingToRollBack, Promotions


def entry(name: str) -> Entry:
    return Entry(
        name=name,
        file=f"{name}.safetensors",
        digest=(name.encode().hex() * 64)[:64],
        origin="drawn",
        preset="mini",
        num_parameters=1,
        input_size=64,
        num_bytes=1,
        added_at="2026-01-01T00:00:00+00:00",
    )


@pytest.fixture
def promotions(tmp_path: Path) -> Promotions:
    return Promotions(Catalogue(tmp_path / "models"))


def current(promotions: Promotions) -> str | None:
    decision = promotions.current()
    return None if decision is None else decision.model


def test_a_roll_back_returns_to_what_was_promoted_before(promotions: Promotions) -> None:
    assert current(promotions) is None
    for name in ("a", "b", "c"):
        promotions.promote(entry(name), by="Ann")
    seen = [current(promotions)]
    for _ in range(3):
        promotions.roll_back(by="Bea")
        seen.append(current(promotions))
    assert seen == ["c", "b", "a", None]
    with pytest.raises(NothingToRollBack):
        promotions.roll_back()
    history = [(made.kind, made.model, made.by) for made in promotions.history()]
    assert history[:3] == [("promoted", name, "Ann") for name in ("a", "b", "c")]
    assert history[3:] == [("rolled-back", name, "Bea") for name in ("b", "a", None)]


def test_a_promotion_after_a_roll_back_returns_to_what_stood_then(promotions: Promotions) -> None:
    promotions.promote(entry("a"))
    promotions.promote(entry("b"))
    promotions.roll_back()
    promotions.promote(entry("c"))
    assert current(promotions) == "c"
    assert promotions.roll_back().model == "a"


def test_promoting_the_default_again_is_no_decision(promotions: Promotions) -> None:
    promotions.promote(entry("a"))
    promotions.promote(entry("a"))
    assert len(promotions.history()) == 1


def test_another_process_s_decision_is_seen(promotions: Promotions, tmp_path: Path) -> None:
    assert current(promotions) is None
    Promotions(Catalogue(tmp_path / "models")).promote(entry("a"))
    assert current(promotions) == "a"


def test_a_line_that_a_crash_cut_off_costs_nothing_else(promotions: Promotions, tmp_path: Path) -> None:
    promotions.promote(entry("a"))
    with (tmp_path / "models" / LOG).open("a") as log:
        log.write('{"kind": "promoted", "mod')
    assert current(promotions) == "a"
    promotions.promote(entry("b"))
    assert [made.model for made in promotions.history()] == ["a", "b"]


def test_two_roll_backs_at_once_take_two_promotions_back(promotions: Promotions, tmp_path: Path) -> None:
    for number in range(8):
        promotions.promote(entry(f"m{number}"))
    others = [Promotions(Catalogue(tmp_path / "models")) for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda each: each.roll_back(), others))
    assert current(promotions) == "m3"


def test_the_default_model_is_not_removed(promotions: Promotions) -> None:
    promotions.promote(entry("a"))
    promotions.check_removable("b")
    with pytest.raises(UnknownModel, match="promote another or roll back first"):
        promotions.check_removable("a")
