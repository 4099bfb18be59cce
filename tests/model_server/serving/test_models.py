"""Several models behind one server: by name, on demand, within a budget, each failure its own."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from model_server.contract.catalogue import CatalogueRead
from model_server.models.catalogue.addition import add
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.catalogue.promotions import Promotions
from model_server.models.sam2.config import PRESETS
from tests.model_server.recipe_weights import recipe_network
from tests.model_server.serving.conftest import NUM_FRAMES, OVERRIDES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, click, mask_of, running_server, wait_for
from tests.model_server.video.proxies import write_proxy

MINI_BYTES = 4 * 2_365_602


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small networks that answer differently."""
    folder = tmp_path_factory.mktemp("weights")
    iou = "sam_mask_decoder.iou_prediction_head.layers.2.bias"
    for number, bias in enumerate(([0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 3])):
        network = recipe_network(PRESETS["mini"], {**OVERRIDES, iou: [10.0 * value for value in bias]})
        torch.save({"model": network.state_dict()}, folder / f"m{number}.pt")
    return sorted(folder.glob("*.pt"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_proxy(tmp_path / "proxy.mp4", NUM_FRAMES)
    return tmp_path


@contextmanager
def serving(data: Path, files: list[Path], **settings: Any) -> Iterator[tuple[RunningServer, list[Entry]]]:
    entries = [add(Catalogue(data / "models"), path) for path in files]
    with running_server(data, build_mini, **settings) as server:
        yield server, entries


def tracker(server: RunningServer, model: str | None) -> Tracker:
    return Tracker(server.url, "proxy.mp4", NUM_FRAMES, model=model)


def catalogue(server: RunningServer) -> CatalogueRead:
    return CatalogueRead.model_validate_json(httpx.get(f"{server.url}/v1/models").content)


def loaded(server: RunningServer) -> list[str]:
    return [model.name for model in catalogue(server).models if model.loaded]


def test_sessions_on_different_models_answer_differently_and_say_who_they_are(data: Path, files: list[Path]):
    with serving(data, files) as (server, entries):
        masks = []
        for entry in entries:
            user = tracker(server, entry.name)
            opened = user.open()
            assert opened.status_code == 201
            assert (opened.json()["model"], opened.json()["model_version"]) == (entry.name, entry.version)
            masks.append(mask_of(user.prompt("ball", 5, click(75, 140)).json()))
        assert (masks[0] != masks[1]).any()
        assert (masks[1] != masks[2]).any()
        opened = tracker(server, None).open().json()
        assert (opened["model"], opened["model_version"]) == ("mini", "recipe")


def test_the_catalogue_lists_the_default_the_built_in_and_the_added_models(data: Path, files: list[Path]):
    with serving(data, files[:1]) as (server, entries):
        read = catalogue(server)
        assert read.default == "mini"
        assert [model.name for model in read.models] == ["mini", "builtin", "m0"]
        assert [model.builtin for model in read.models] == [False, True, False]
        assert [model.loaded for model in read.models] == [True, False, False]
        added = read.models[2]
        assert (added.digest, added.num_parameters, added.origin) == (entries[0].digest, 2_365_602, "m0.pt")
        assert all(model.problem is None for model in read.models)


def test_a_model_added_while_the_server_runs_can_be_used_at_once(data: Path, files: list[Path]):
    with serving(data, []) as (server, _):
        assert tracker(server, "m0").open().json()["slug"] == "unknown-model"
        add(Catalogue(data / "models"), files[0])
        assert tracker(server, "m0").open().status_code == 201


def test_over_the_budget_the_model_unused_longest_is_let_go(data: Path, files: list[Path]):
    with serving(data, files, model_weights_bytes=2 * MINI_BYTES) as (server, _):
        for name in ("m0", "m1"):
            user = tracker(server, name)
            user.open()
            user.http.delete(user.session_url)
        assert loaded(server) == ["mini", "m0", "m1"]
        tracker(server, "m0").open()  # used again, so m1 is the one unused longest
        tracker(server, "m2").open()
        assert loaded(server) == ["mini", "m0", "m2"]


def test_a_model_that_a_session_holds_is_never_let_go(data: Path, files: list[Path]):
    with serving(data, files, model_weights_bytes=MINI_BYTES) as (server, _):
        holder = tracker(server, "m0")
        holder.open()
        refused = tracker(server, "m1").open()
        assert (refused.status_code, refused.json()["slug"]) == (503, "server-full")
        assert holder.prompt("ball", 5, click(75, 140)).status_code == 200
        holder.http.delete(holder.session_url)
        assert tracker(server, "m1").open().status_code == 201
        assert loaded(server) == ["mini", "m1"]


def test_a_damaged_model_is_refused_and_the_others_go_on(data: Path, files: list[Path]):
    with serving(data, files[:2]) as (server, entries):
        good = tracker(server, "m0")
        good.open()
        weights = data / "models" / entries[1].file
        weights.write_bytes(weights.read_bytes()[:-10_000])
        refused = tracker(server, "m1").open()
        assert (refused.status_code, refused.json()["slug"]) == (409, "model-unusable")
        assert "m1" in refused.json()["detail"]
        problems = {model.name: model.problem for model in catalogue(server).models}
        assert problems["m1"]
        assert problems["m0"] is None
        assert good.prompt("ball", 5, click(75, 140)).status_code == 200
        weights.write_bytes(files[1].read_bytes())
        assert tracker(server, "m1").open().status_code == 201
        assert {model.problem for model in catalogue(server).models} == {None}


def test_a_damaged_model_is_not_read_again_and_again(data: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch):
    with serving(data, files[:1]) as (server, entries):
        weights = data / "models" / entries[0].file
        weights.write_bytes(weights.read_bytes()[:-10_000])
        reads: list[str | None] = []
        read = server.inside.loader._read
        monkeypatch.setattr(server.inside.loader, "_read", lambda name: (reads.append(name), read(name))[1])
        answers = [tracker(server, "m0").open() for _ in range(5)]
        assert {answer.json()["slug"] for answer in answers} == {"model-unusable"}
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert reads == ["m0"]
        monkeypatch.setattr("model_server.serving.models.loader._BROKEN_SECONDS", 0.0)
        tracker(server, "m0").open()
        assert reads == ["m0", "m0"]


def test_an_unknown_model_is_refused_while_another_is_being_read(
    data: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
):
    with serving(data, files[:1]) as (server, _), ThreadPoolExecutor() as pool:
        begun, go_on = threading.Event(), threading.Event()
        read = server.inside.loader._read

        def slowly(name: str | None) -> Any:
            begun.set()
            go_on.wait(20)
            return read(name)

        monkeypatch.setattr(server.inside.loader, "_read", slowly)
        opening = pool.submit(tracker(server, "m0").open)
        begun.wait(20)
        asked = time.monotonic()
        assert tracker(server, "nobody").open().json()["slug"] == "unknown-model"
        assert time.monotonic() - asked < 2
        go_on.set()
        assert opening.result(20).status_code == 201


def test_a_model_that_is_removed_while_it_is_read_is_not_kept(
    data: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
):
    with serving(data, files[:1]) as (server, _):
        read = server.inside.loader._read

        def removed_meanwhile(name: str | None) -> Any:
            place = read(name)
            Catalogue(data / "models").remove("m0")
            return place

        monkeypatch.setattr(server.inside.loader, "_read", removed_meanwhile)
        assert tracker(server, "m0").open().json()["slug"] == "unknown-model"
        assert [info.name for info in server.inside.loader.loaded] == ["mini"]


def test_a_default_that_cannot_be_loaded_leaves_the_others_working(data: Path, files: list[Path]):
    def build_nothing():
        raise FileNotFoundError("there are no weights at nowhere")

    add(Catalogue(data / "models"), files[0])
    with running_server(data, build_nothing, wait_until_ready=False) as server:
        wait_for(lambda: httpx.get(f"{server.url}/v1/health").json()["status"] == "failed")
        assert tracker(server, None).open().json()["slug"] == "model-not-ready"
        assert tracker(server, "m0").open().status_code == 201
        read = catalogue(server)
        assert (read.default, [model.name for model in read.models]) == (None, ["builtin", "m0"])


def test_two_that_want_a_model_at_once_share_it(data: Path, files: list[Path]):
    with serving(data, files[:1]) as (server, _), ThreadPoolExecutor() as pool:
        users = [tracker(server, "m0") for _ in range(4)]
        assert [answer.status_code for answer in pool.map(lambda user: user.open(), users)] == [201] * 4
        assert loaded(server) == ["mini", "m0"]


def promote(server: RunningServer, name: str) -> httpx.Response:
    return httpx.put(f"{server.url}/v1/default", json={"model": name, "by": "Ann"}, timeout=60)


def roll_back(server: RunningServer) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/default/roll-back", json={"by": None}, timeout=60)


def test_a_promoted_model_answers_the_next_session_and_a_roll_back_takes_it_back(data: Path, files: list[Path]):
    with serving(data, files[:1]) as (server, (m0,)):
        assert promote(server, "m0").json()["default"] == "m0"
        opened = tracker(server, None).open().json()
        assert (opened["model"], opened["model_version"]) == ("m0", m0.version)
        assert httpx.get(f"{server.url}/v1/model").json()["version"] == m0.version
        read = catalogue(server)
        assert (read.models[0].name, read.can_roll_back) == ("m0", True)
        assert roll_back(server).json()["default"] == "mini"
        assert tracker(server, None).open().json()["model"] == "mini"
        assert [(made.kind, made.model, made.by) for made in catalogue(server).decisions] == [
            ("rolled-back", None, None),
            ("promoted", "m0", "Ann"),
        ]
        assert roll_back(server).json()["slug"] == "nothing-to-roll-back"


def test_an_open_session_on_the_default_is_opened_anew_and_one_on_a_named_model_goes_on(data: Path, files: list[Path]):
    with serving(data, files[:2]) as (server, entries):
        follower, named = tracker(server, None), tracker(server, "m1")
        for user in (follower, named):
            user.open()
            assert user.prompt("ball", 5, click(75, 140)).status_code == 200
        Promotions(Catalogue(data / "models")).promote(entries[0])  # as the command does, in another process
        refused = follower.prompt("ball", 6, click(75, 140))
        assert refused.json()["slug"] == "unknown-session"
        follower.tokens.clear()
        assert follower.open().json()["model_version"] == entries[0].version
        assert follower.prompt("ball", 6, click(75, 140)).json()["model_version"] == entries[0].version
        assert named.prompt("ball", 6, click(75, 140)).json()["model_version"] == entries[1].version


def test_a_server_that_starts_after_a_promotion_serves_it_and_can_go_back(data: Path, files: list[Path]):
    entry = add(Catalogue(data / "models"), files[0])
    Promotions(Catalogue(data / "models")).promote(entry)
    with serving(data, files[:1]) as (server, _):
        assert loaded(server) == ["m0"]
        assert tracker(server, None).open().json()["model"] == "m0"
        roll_back(server)
        assert tracker(server, None).open().json()["model"] == "mini"


def test_a_default_that_was_promoted_and_cannot_be_loaded_is_rolled_back_without_a_restart(
    data: Path, files: list[Path]
):
    entry = add(Catalogue(data / "models"), files[0])
    Promotions(Catalogue(data / "models")).promote(entry)
    weights = data / "models" / entry.file
    weights.write_bytes(weights.read_bytes()[:-10_000])
    with running_server(data, build_mini, wait_until_ready=False) as server:
        wait_for(lambda: httpx.get(f"{server.url}/v1/health").json()["status"] == "failed")
        assert tracker(server, None).open().json()["slug"] == "model-not-ready"
        roll_back(server)
        assert httpx.get(f"{server.url}/v1/health").status_code == 200
        assert tracker(server, None).open().json()["model"] == "mini"


def test_what_cannot_be_loaded_is_not_promoted(data: Path, files: list[Path]):
    with serving(data, files[:1]) as (server, (m0,)):
        assert promote(server, "nobody").json()["slug"] == "unknown-model"
        assert promote(server, "mini").json()["slug"] == "malformed-request"  # named by its path: not in the catalogue
        weights = data / "models" / m0.file
        weights.write_bytes(weights.read_bytes()[:-10_000])
        assert promote(server, "m0").json()["slug"] == "model-unusable"
        assert catalogue(server).default == "mini"
        assert not catalogue(server).can_roll_back


@pytest.mark.parametrize("taken", ["weights", "model"])
def test_a_model_that_was_removed_is_a_clear_problem(data: Path, files: list[Path], taken: str):
    with serving(data, files[:1]) as (server, entries):
        holder = tracker(server, "m0")
        holder.open()
        if taken == "model":
            Catalogue(data / "models").remove("m0")
        else:
            (data / "models" / entries[0].file).unlink()
            assert "taken away" in str({model.name: model.problem for model in catalogue(server).models}["m0"])
        assert holder.prompt("ball", 5, click(75, 140)).status_code == 200  # who has it keeps it
        if taken == "model":
            refused = tracker(server, "m0").open()
            assert (refused.status_code, refused.json()["slug"]) == (404, "unknown-model")
            assert "maskloom models list" in refused.json()["detail"]


def test_other_weights_under_the_same_name_are_used_by_the_next_session(data: Path, files: list[Path]):
    with serving(data, []) as (server, _):
        models = Catalogue(data / "models")
        first = add(models, files[0], name="mine")
        assert tracker(server, "mine").open().json()["model_version"] == first.version
        models.remove("mine")
        second = add(models, files[1], name="mine")
        assert tracker(server, "mine").open().json()["model_version"] == second.version


def test_opening_with_another_model_replaces_the_session_and_its_objects(data: Path, files: list[Path]):
    with serving(data, files[:2]) as (server, _):
        user = tracker(server, "m0")
        user.open()
        user.prompt("ball", 5, click(75, 140))
        assert user.open().status_code == 200
        user.model = "m1"
        replaced = user.open()
        assert (replaced.status_code, replaced.json()["tokens"]) == (201, {})
        assert user.prompt("ball", 6, click(75, 140)).json()["slug"] == "needs-restore"


@pytest.mark.parametrize("name", ["../proxy.mp4", "", "x" * 65, "a\0b", "/etc/passwd"])
def test_a_name_is_never_a_path(data: Path, name: str):
    with serving(data, []) as (server, _):
        assert tracker(server, name).open().status_code in (404, 422)
