"""The model server as a service: health, catalogue, and starting up."""

import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from model_server.contract.catalogue import CONTRACT_VERSION
from model_server.contract.problems import ProblemSlug
from model_server.serving import problems
from model_server.serving.settings import Settings
from tests.model_server.serving.conftest import NUM_FRAMES, build_mini
from tests.model_server.serving.running_server import RunningServer, Tracker, running_server, wait_for


def test_a_ready_server_names_its_model_and_contract(server: RunningServer):
    health = httpx.get(f"{server.url}/v1/health").json()
    assert health.pop("free_bytes") > 0
    assert (health.pop("num_waiting"), health.pop("busy_seconds")) == (0, 0)
    assert health == {"status": "ready", "contract_version": CONTRACT_VERSION, "detail": None}
    model = httpx.get(f"{server.url}/v1/model").json()
    assert (model["config_name"], model["input_size"], model["contract_version"]) == ("mini", 256, CONTRACT_VERSION)
    assert model["num_parameters"] > 100_000


def test_the_catalogue_counts_sessions_and_their_memory(tracker: Tracker, server: RunningServer):
    tracker.http.post(f"{tracker.session_url}/warm", json={"epoch": 1, "frame_index": 0})
    model = httpx.get(f"{server.url}/v1/model").json()
    assert model["sessions"] >= 1
    wait_for(lambda: httpx.get(f"{server.url}/v1/model").json()["memory_bytes"] > 0)
    held = httpx.get(f"{server.url}/v1/model").json()["memory_bytes"]
    assert httpx.get(f"{server.url}/v1/health").json()["free_bytes"] == Settings().model_memory_bytes - held


def test_while_the_model_loads_the_server_says_so_and_then_becomes_ready(data_dir: Path):
    may_load = threading.Event()

    def build_when_told():
        assert may_load.wait(30)
        return build_mini()

    with running_server(data_dir, build_when_told, wait_until_ready=False) as server:
        health = httpx.get(f"{server.url}/v1/health")
        assert (health.status_code, health.json()["status"]) == (503, "loading")
        refused = Tracker(server.url, "proxy.mp4", NUM_FRAMES).open()
        assert (refused.status_code, refused.json()["slug"]) == (503, "model-not-ready")
        assert refused.headers["retry-after"] == "1"
        may_load.set()
        wait_for(lambda: httpx.get(f"{server.url}/v1/health").status_code == 200)


def test_a_model_that_cannot_be_loaded_is_reported_with_its_reason(data_dir: Path):
    def build_nothing():
        raise FileNotFoundError("there are no weights at nowhere")

    with running_server(data_dir, build_nothing, wait_until_ready=False) as server:
        wait_for(lambda: httpx.get(f"{server.url}/v1/health").json()["status"] == "failed")
        health = httpx.get(f"{server.url}/v1/health")
        assert health.status_code == 503
        assert "no weights at nowhere" in health.json()["detail"]


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_a_browser_is_refused(server: RunningServer, header: str):
    response = httpx.get(f"{server.url}/v1/health", headers={header: "null"})
    assert (response.status_code, response.json()["slug"]) == (403, "browser-refused")


def test_a_body_over_the_limit_is_refused_unread(data_dir: Path):
    with running_server(data_dir, build_mini, model_max_request_bytes=2000) as server:
        response = httpx.post(f"{server.url}/v1/sessions/s/prompt", content=b" " * 3000)
        assert (response.status_code, response.json()["slug"]) == (413, "request-too-large")


def test_a_body_of_unknown_length_is_refused(server: RunningServer):
    response = httpx.post(f"{server.url}/v1/sessions/s/prompt", content=iter([b"{}"]))
    assert (response.status_code, response.json()["slug"]) == (411, "length-required")


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"epoch": 1}', b'{"epoch": -1}', b"\xff\xfe"])
def test_a_malformed_body_is_a_problem(server: RunningServer, body: bytes):
    response = httpx.post(f"{server.url}/v1/sessions/s/prompt", content=body)
    assert (response.status_code, response.json()["slug"]) == (422, "malformed-request")
    assert response.headers["content-type"] == "application/problem+json"


def test_an_unknown_address_is_a_problem(server: RunningServer):
    response = httpx.get(f"{server.url}/v2/anything")
    assert (response.status_code, response.json()["slug"]) == (404, "no-such-route")


def test_every_problem_of_the_contract_is_raised_by_somebody():
    classes = problems.ModelServerError.__subclasses__()
    raised = {cls.slug for cls in classes} | {ProblemSlug.no_such_route, ProblemSlug.internal_error}
    assert raised == set(ProblemSlug)


def test_every_setting_and_problem_is_in_the_readme():
    readme = Path("model_server/README.md").read_text()
    missing = [name for name in Settings.model_fields if f"MASKLOOM_{name.upper()}" not in readme]
    missing += [slug for slug in ProblemSlug if f"`{slug}`" not in readme]
    assert missing == []


def test_the_contract_is_importable_without_torch_numpy_or_fastapi():
    code = (
        "import sys\n"
        "import model_server.contract.catalogue, model_server.contract.problems, model_server.contract.sessions\n"
        "import model_server.contract.tracking\n"
        "print([name for name in ('torch', 'numpy', 'fastapi', 'av') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
