"""A port in front of a model server that can be shut: a lost connection, without the wait for a restart."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Gate:
    """Forwards connections while open; shutting it breaks those that are there or being made, and refuses new ones.

    It can hold streams after so many lines, so that a run is not over however late a test looks at it.

    It accepts by itself: an asyncio.Server that is closed leaves a connection hanging that was just accepted.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._port = 0
        self._listener: socket.socket | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._lines_left: int | None = None
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port, self._listener = listener.getsockname()[1], listener
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def shut(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        broken = list(self._connections)
        for connection in broken:
            connection.cancel()
        await asyncio.gather(*broken, return_exceptions=True)

    def hold(self, *, after_lines: int) -> None:
        """Let so many more lines of JSON through, of all streams together, and no other before `release` is called."""
        self._lines_left = after_lines
        self._released.clear()

    def release(self) -> None:
        self._lines_left = None
        self._released.set()

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        forwarding = asyncio.create_task(self._forward(connection))
        self._connections.add(forwarding)
        forwarding.add_done_callback(self._connections.discard)

    async def _forward(self, connection: socket.socket) -> None:
        writers: list[asyncio.StreamWriter] = []
        with connection, suppress(ConnectionError):
            try:
                reader, writer = await asyncio.open_connection(sock=connection)
                writers.append(writer)
                onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
                writers.append(onward_writer)
                await asyncio.gather(self._copy(reader, onward_writer), self._copy(onward_reader, writer))
            finally:
                for each in writers:
                    each.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                for part in re.split(rb"(?<=}\n)", piece):
                    if part.endswith(b"}\n"):
                        await self._may_pass()
                    writer.write(part)
                    await writer.drain()
        writer.close()

    async def _may_pass(self) -> None:
        while self._lines_left == 0:
            await self._released.wait()
        if self._lines_left is not None:
            self._lines_left -= 1


@asynccontextmanager
async def gate_to(target_port: int) -> AsyncIterator[Gate]:
    """An open gate for as long as the block lasts."""
    gate = Gate(target_port)
    await gate.open()
    try:
        yield gate
    finally:
        await gate.shut()
