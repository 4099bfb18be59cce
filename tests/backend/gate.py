"""A port in front of a model server that can be shut: a lost connection, without the wait for a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Gate:
    """Forwards connections while open; shutting it breaks those that are there and refuses new ones."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers.add(onward_writer)
        if self._server is None:  # shut while this connection was made
            onward_writer.transport.abort()
            writer.transport.abort()
        await asyncio.gather(self._copy(reader, onward_writer), self._copy(onward_reader, writer))
        self._writers -= {writer, onward_writer}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def gate_to(target_port: int) -> AsyncIterator[Gate]:
    """An open gate for as long as the block lasts."""
    gate = Gate(target_port)
    await gate.open()
    try:
        yield gate
    finally:
        await gate.shut()
