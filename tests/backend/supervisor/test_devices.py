"""One model server for every device, or as many as are asked for."""

from pathlib import Path

import pytest

from backend.settings import Settings
from backend.supervisor.devices import model_devices, shared_out
from tests.running import RunningMaskloom


@pytest.mark.parametrize(
    ("num_gpus", "asked", "devices"),
    [
        (0, 0, ["auto"]),
        (0, 2, ["auto", "auto"]),
        (1, 0, ["cuda:0"]),
        (3, 0, ["cuda:0", "cuda:1", "cuda:2"]),
        (2, 3, ["cuda:0", "cuda:1", "cuda:0"]),
        (4, 1, ["cuda:0"]),
    ],
)
def test_every_gpu_gets_a_server_unless_a_number_is_set(num_gpus: int, asked: int, devices: list[str]) -> None:
    assert shared_out(num_gpus, Settings(model_servers=asked)) == devices


def test_who_wants_the_processor_gets_it_whatever_gpus_there_are() -> None:
    assert model_devices(Settings(device="cpu")) == ["cpu"]


@pytest.mark.timeout(300)
def test_two_model_servers_come_up_and_stop_with_the_rest(tmp_path: Path, mini_weights: Path) -> None:
    running = RunningMaskloom(tmp_path / "data", model_servers=2, model=mini_weights)
    running.start()
    try:
        servers = running.wait_healthy(5)["model_servers"]
        assert isinstance(servers, list)
        assert [server["status"] for server in servers] == ["ok", "ok"]
    finally:
        assert running.stop() == 0
