"""The trunk's weights are those that were published, or a line says why there are none."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from model_server.models.loom.trunk import pretrained
from model_server.models.problems import NoTrunk
from tests.model_server.models.loom.trunk.published import published_weights


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    pretrained.pretrained_trunk.cache_clear()
    yield
    pretrained.pretrained_trunk.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package whose code must not run."""
    folder = tmp_path / "site" / pretrained.MODULE
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('the package was imported')")
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delitem(sys.modules, pretrained.MODULE, raising=False)
    return folder


def test_published_weights_are_loaded_without_running_the_package(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(published_weights(), package / pretrained.FILE)
    contents = (package / pretrained.FILE).read_bytes()
    monkeypatch.setattr(pretrained, "DIGEST", hashlib.sha256(contents).hexdigest())
    levels = pretrained.pretrained_trunk()(torch.zeros(1, 3, 32, 32))
    assert [level.shape[-1] for level in levels] == [8, 4, 2]


def test_a_missing_package_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "MODULE", "no_such_package_anywhere")
    with pytest.raises(NoTrunk, match=r"is not installed: pip install 'maskloom\[model\]'"):
        pretrained.pretrained_trunk()


def test_a_file_that_is_gone_is_said(package: Path) -> None:
    with pytest.raises(NoTrunk, match="cannot be read: pip install --force-reinstall"):
        pretrained.pretrained_trunk()


@pytest.mark.parametrize("damage", ["cut", "changed", "another"])
def test_a_file_that_is_not_the_published_one_is_never_unpickled(
    package: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(published_weights(), package / pretrained.FILE)
    good = (package / pretrained.FILE).read_bytes()
    monkeypatch.setattr(pretrained, "DIGEST", hashlib.sha256(good).hexdigest())
    bad = {"cut": good[:-1], "changed": good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], "another": b"other"}
    (package / pretrained.FILE).write_bytes(bad[damage])
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(NoTrunk, match="is damaged or another version"):
        pretrained.pretrained_trunk()


def test_the_installed_package_holds_what_was_published() -> None:
    try:
        trunk = pretrained.pretrained_trunk()
    except NoTrunk as reason:
        pytest.skip(str(reason))
    assert sum(parameter.numel() for parameter in trunk.parameters()) == 692_688
