"""Several model servers: where videos go, what all of them have, and who is missed."""

import asyncio
import signal
import time
from uuid import UUID, uuid4

import pytest

from backend.model_client.client import ModelClient
from backend.model_client.fleet import Fleet, ModelServer, model_fleet
from backend.model_client.fleet_catalogue import merged
from backend.model_client.problems import ModelServerUnavailable
from backend.settings import Settings
from model_server.contract.catalogue import CONTRACT_VERSION, CatalogueEntry, CatalogueRead, HealthRead
from tests.backend.model_process import ModelProcess
from tests.backend.running import running_backend

VIDEOS = [UUID(int=number) for number in range(300)]


def make_fleet(*names: str) -> Fleet:
    servers = [ModelServer(f"http://{name}:8001", None) for name in names]  # type: ignore[arg-type] - nobody is asked
    for server in servers:
        server.problem = None
    return Fleet(servers)


async def placement(fleet: Fleet) -> dict[UUID, str]:
    return {video: (await fleet.server_for(video, None)).name for video in VIDEOS}


def make_entry(name: str, *, digest: str = "d", problem: str | None = None) -> CatalogueEntry:
    return CatalogueEntry(
        name=name,
        version=digest,
        digest=digest,
        config_name="mini",
        input_size=128,
        num_parameters=1,
        num_bytes=1,
        origin="",
        added_at=None,
        parent=None,
        card="",
        metrics={},
        builtin=False,
        loaded=False,
        problem=problem,
    )


async def test_videos_are_spread_and_every_backend_puts_them_where_the_others_do() -> None:
    one = await placement(make_fleet("a", "b", "c"))
    assert one == await placement(make_fleet("c", "a", "b"))
    assert all(list(one.values()).count(f"{name}:8001") > 60 for name in "abc")


async def test_videos_go_where_most_memory_is_free_and_are_shared_between_those_about_as_free() -> None:
    fleet = make_fleet("a", "b", "c")
    for server, free in zip(fleet.servers, (4 * 2**30, 4 * 2**30 - 2**20, 2 * 2**30), strict=True):
        server.free_bytes = free
    shared = list((await placement(fleet)).values())
    assert min(shared.count("a:8001"), shared.count("b:8001")) > 100
    assert "c:8001" not in shared


async def test_when_a_server_goes_only_its_own_videos_move() -> None:
    fleet = make_fleet("a", "b", "c")
    before = await placement(fleet)
    fleet.servers[1].gone("killed")
    after = await placement(fleet)
    moved = {video for video in VIDEOS if before[video] != after[video]}
    assert moved == {video for video in VIDEOS if before[video] == "b:8001"}
    assert "b:8001" not in after.values()


async def test_where_none_answers_one_is_named_all_the_same() -> None:
    fleet = make_fleet("a", "b")
    for server in fleet.servers:
        server.gone("killed")
    assert set((await placement(fleet)).values()) == {"a:8001", "b:8001"}


def test_a_model_that_only_some_have_says_where_it_is_and_one_that_differs_says_so() -> None:
    found = merged(
        {
            "a": CatalogueRead(
                default="builtin",
                models=(make_entry("builtin"), make_entry("birds"), make_entry("cats", digest="1")),
                decisions=(),
                can_roll_back=False,
            ),
            "b": CatalogueRead(
                default="builtin",
                models=(make_entry("builtin"), make_entry("birds", problem="damaged"), make_entry("cats", digest="2")),
                decisions=(),
                can_roll_back=False,
            ),
        }
    )
    assert [entry.name for entry in found.models] == ["builtin", "birds", "cats"]
    assert found.models[1].problem is None
    assert found.limits["birds"] == "Only on a: 1 of 2 model servers."
    assert "different files" in found.limits["cats"]
    assert "builtin" not in found.limits


async def test_a_fleet_knows_at_once_who_answers_and_notices_who_comes_later(model_process: ModelProcess) -> None:
    async with model_fleet(f"{model_process.url}, http://127.0.0.1:1/") as fleet:
        assert [server.serves for server in fleet.servers] == [True, False]
        assert {(await fleet.server_for(uuid4(), None)).url for _ in range(20)} == {model_process.url}
        assert not fleet.servers[0].has("no such model")
        fleet.servers[0].gone("a call broke off")
        await fleet.servers[0].ask_health()
        assert fleet.servers[0].serves


async def test_a_server_that_breaks_while_it_is_asked_is_missed_and_stops_nothing() -> None:
    """It says that it is ready, and hangs up when it is asked what it has."""
    health = HealthRead(status="ready", contract_version=CONTRACT_VERSION, detail=None).model_dump_json().encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if b"/v1/health" in asked:
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(health)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + health)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, model_fleet(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as fleet:
        assert not fleet.servers[0].serves


async def test_health_tells_of_each_and_is_good_while_one_answers(
    work_settings: Settings, model_process: ModelProcess
) -> None:
    both = work_settings.model_copy(update={"model_url": f"http://127.0.0.1:1,{model_process.url}"})
    async with running_backend(both) as running:
        health = await running.client.get("/api/health")
        assert health.status_code == 200
        assert [server["status"] for server in health.json()["model_servers"]] == ["down", "ok"]
        assert health.json()["model_server"]["status"] == "ok"
        assert health.json()["model_server"]["detail"].startswith("1 of 2 answer. model server 1: ")
        assert (await running.client.get("/api/models")).json()["default"] is not None
        ready = await running.client.get("/api/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "ok")


async def test_health_names_a_server_whose_device_does_not_get_on(
    work_settings: Settings, model_process: ModelProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = HealthRead(status="ready", detail=None, contract_version=CONTRACT_VERSION, busy_seconds=75, num_waiting=3)
    async with running_backend(work_settings.model_copy(update={"model_url": model_process.url})) as running:
        assert (await running.client.get("/api/health")).json()["model_server"]["status"] == "ok"

        async def health(_self: object) -> HealthRead:
            return busy

        monkeypatch.setattr(ModelClient, "health", health)
        told = await running.client.get("/api/health")
    assert (told.status_code, told.json()["model_server"]["status"]) == (503, "down")
    assert "on one step for 75 s; 3 requests and steps wait" in told.json()["model_server"]["detail"]


async def test_a_backend_without_any_model_server_is_ready_and_not_healthy(work_settings: Settings) -> None:
    async with running_backend(work_settings.model_copy(update={"model_url": "http://127.0.0.1:1"})) as running:
        assert (await running.client.get("/api/health")).status_code == 503
        assert (await running.client.get("/api/health/ready")).status_code == 200


@pytest.mark.long
async def test_a_call_to_a_server_that_falls_silent_is_broken_off(model_process: ModelProcess) -> None:
    """It may be stopped or hang. The bound of the call itself is minutes, because work may take long."""
    async with model_fleet(model_process.url) as fleet:
        (server,) = fleet.servers
        assert server.serves
        assert model_process.process is not None
        model_process.process.send_signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            with pytest.raises(ModelServerUnavailable):
                await server.client.model()
            assert time.monotonic() - started < 25
            assert not server.serves
        finally:
            model_process.process.send_signal(signal.SIGCONT)
