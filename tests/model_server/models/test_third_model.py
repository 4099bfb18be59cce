"""Adding a kind of model takes a package and a line: one that nobody else knows of is served as all others are."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from model_server.acquisition.commands import app as models_app
from model_server.contract.search import FoundMask, search_event_adapter
from model_server.headless.behaviour import as_reference
from model_server.masks.packed_mask import PackedMask
from model_server.models import registry
from model_server.models.architectures import ARCHITECTURES
from model_server.models.catalogue.addition import add
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.problems import WrongArchitecture
from model_server.retraining.commands import app as training_app
from model_server.segmenter import Box, Click, FramePrompt, StoredFrame
from model_server.training import networks
from tests.model_server.models.first_mask.architecture import CARD, FirstMask, write_weights
from tests.model_server.moving_disc import MovingDisc
from tests.model_server.retraining.sa_v_folder import write_sa_v
from tests.model_server.serving.conftest import NUM_FRAMES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, click, ended, mask_of, running_server
from tests.model_server.video.proxies import write_proxy


@pytest.fixture(autouse=True)
def the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added to `model_server/models/architectures.py`."""
    monkeypatch.setitem(ARCHITECTURES, "first-mask", FirstMask())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASKLOOM_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def entry(data: Path) -> Entry:
    return add(Catalogue(data / "models"), write_weights(data / "square.safetensors", 20), name="square")


@pytest.fixture
def server(data: Path, entry: Entry) -> Iterator[RunningServer]:
    write_proxy(data / "proxy.mp4", NUM_FRAMES)
    with running_server(data, build_mini) as server:
        yield server


@pytest.fixture
def user(server: RunningServer, entry: Entry) -> Tracker:
    user = Tracker(server.url, "proxy.mp4", NUM_FRAMES, model=entry.name)
    opened = user.open()
    assert (opened.status_code, opened.json()["model_version"]) == (201, entry.version)
    return user


def test_it_is_described_like_any_other(entry: Entry) -> None:
    assert (entry.architecture, entry.preset, entry.num_parameters) == ("first-mask", "square", 1)
    told = CliRunner().invoke(models_app, ["info", "square"])
    assert told.exit_code == 0, told.output
    assert "Knows one thing." in told.output
    assert entry.digest in told.output


def test_it_is_offered(server: RunningServer, entry: Entry) -> None:
    offered = {model["name"]: model for model in httpx.get(f"{server.url}/v1/models", timeout=60).json()["models"]}
    assert offered["square"]["digest"] == entry.digest
    assert offered["square"]["problem"] is None
    listed = json.loads(CliRunner().invoke(models_app, ["list", "--json"]).stdout)
    assert [model["name"] for model in listed["models"]] == ["builtin", "square"]


def test_it_is_promoted(entry: Entry) -> None:
    assert CliRunner().invoke(models_app, ["promote", "square", "--by", "ada"]).exit_code == 0


def test_it_answers_prompts_and_propagates(user: Tracker) -> None:
    prompted = user.prompt("ball", 5, click(75, 140))
    assert prompted.status_code == 200
    assert mask_of(prompted.json()).sum() == 21 * 21
    masks, end = user.propagate(user.propagation(["ball"], 5, 5, 9))
    assert ended(end).frames == 5
    assert all((mask_of(each) == mask_of(prompted.json())).all() for each in masks)


def test_it_searches(user: Tracker) -> None:
    wish = {"epoch": 1, "run_id": uuid4().hex, "frame_index": 5}
    with user.http.stream("POST", f"{user.session_url}/automatic-masks", json=wish) as response:
        events = [search_event_adapter.validate_json(line) for line in response.iter_lines()]
    assert not any(isinstance(event, FoundMask) for event in events)
    assert ended(events[-1]).frames == 0


def test_its_sessions_keep_what_is_promised(entry: Entry, data: Path) -> None:
    video = MovingDisc()
    session = registry.build("square", "cpu", catalogue=Catalogue(data / "models")).open(video)
    boxed = session.prompt("a", 0, FramePrompt(box=Box(10, 20, 30, 40)))
    assert boxed.mask.sum() == 400
    session.seed("b", StoredFrame(3, PackedMask.pack(video.disc(3)), 1.0, conditioning=True))
    assert np.array_equal(session.track("b", 4, "forward").mask, video.disc(3))
    session.forget_object("b")
    with pytest.raises(ValueError, match="never prompted"):
        session.track("b", 4, "forward")


def test_it_goes_by_the_path_of_its_file_too(data: Path) -> None:
    info = registry.build(str(write_weights(data / "other.safetensors", 8)), "cpu").info
    assert (info.name, info.card) == ("square", CARD)


def test_a_file_that_only_claims_to_be_one_is_refused(data: Path) -> None:
    save_file(
        {"side": torch.zeros(1), "more": torch.zeros(1)}, data / "odd.safetensors", {"architecture": "first-mask"}
    )
    with pytest.raises(WrongArchitecture, match=r"odd\.safetensors has other weights than a side"):
        add(Catalogue(data / "models"), data / "odd.safetensors")


def test_tuning_it_is_refused_before_anything_is_done(entry: Entry, data: Path) -> None:
    (data / "export").mkdir()
    export = write_sa_v(data / "export", ("one", "two", "three"))
    request = ["tune", str(export), "--name", "mine", "--model", "square", "--data-dir", str(data), "--run"]
    refused = CliRunner().invoke(training_app, [*request, str(data / "run")])
    assert refused.exit_code == 1
    assert "holds a first-mask, which cannot be trained here" in refused.output
    assert not (data / "run").exists()
    with pytest.raises(networks.NotTrainable):
        networks.load(Catalogue(data / "models").weights(entry))


def test_it_has_no_released_predictor_to_behave_like(entry: Entry, data: Path) -> None:
    with pytest.raises(ValueError, match="no released predictor"):
        as_reference(registry.build("square", "cpu", catalogue=Catalogue(data / "models")))


def test_without_the_line_it_is_refused_by_name(entry: Entry, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ARCHITECTURES, "first-mask")
    with pytest.raises(WrongArchitecture, match="is a first-mask, which this version does not know"):
        registry.build("square", "cpu", catalogue=Catalogue(data / "models"))
    with pytest.raises(WrongArchitecture, match="none of its 1 weights has a known name"):
        registry.build(str(data / "square.safetensors"), "cpu")


def test_a_click_is_a_square(entry: Entry, data: Path) -> None:
    session = registry.build("square", "cpu", catalogue=Catalogue(data / "models")).open(MovingDisc())
    result = session.prompt("a", 0, FramePrompt((Click(50, 40, True), Click(50, 40, False))))
    assert not result.mask.any()
