"""The gate of the tests lets nothing through once it is shut, at whatever moment of a connection that was."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from tests.backend.gate import gate_to


async def test_a_connection_that_was_being_made_when_the_gate_was_shut_is_broken_too() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            writer.write(piece)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    answers = [await said_through_a_gate(server.sockets[0].getsockname()[1], turns) for turns in range(40)]
    server.close()
    assert answers == [b""] * len(answers)


async def said_through_a_gate(port: int, turns: int) -> bytes:
    """What comes back through a gate that is shut so many turns of the loop after somebody began to connect."""
    async with gate_to(port) as gate:
        at = urlsplit(gate.url)
        connecting = asyncio.create_task(asyncio.open_connection(at.hostname, at.port))
        for _ in range(turns):
            await asyncio.sleep(0)
        await gate.shut()
    with suppress(ConnectionError):
        reader, writer = await connecting
        writer.write(b"x")
        return await asyncio.wait_for(reader.read(10), 5)
    return b""
