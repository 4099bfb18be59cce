"""`python -m backend.supervisor.server`: the program that serves the backend, on one machine and in a container.

Several backends may accept from the same port: the supervisor opens it, so that one that hangs or starts again takes no
connection from the others. Each has a port of its own besides, where the supervisor asks it for a sign of life.
"""

import argparse
import gc
import resource
import socket
import sys

import uvicorn

from backend.web.connection import Connection

_APPLICATION = "backend.app:create_app"
_MODULE = ["-m", "backend.supervisor.server", _APPLICATION]


def server_command(port: int, *, host: str = "127.0.0.1", behind_proxy: bool = False) -> list[str]:
    """`behind_proxy` means that only our proxy can reach the port, so its word on the client's address is trusted."""
    trusting = ["--behind-proxy"] if behind_proxy else []
    return [sys.executable, *_MODULE, "--host", host, "--port", str(port), *trusting]


def shared_port_command(shared: socket.socket, own_port: int) -> list[str]:
    """The command of a child that inherits the shared socket."""
    return [sys.executable, *_MODULE, "--fd", str(shared.fileno()), "--port", str(own_port)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("application")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--behind-proxy", action="store_true")
    arguments = parser.parse_args()
    _allow_many_connections()
    config = uvicorn.Config(
        arguments.application,
        factory=True,
        host=arguments.host,
        port=arguments.port,
        http=Connection,
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_keep_alive=75,  # longer than browsers keep idle connections, so that nobody uses a closed one
        timeout_graceful_shutdown=2,  # without it, an open event stream would block an orderly stop for ever
        proxy_headers=arguments.behind_proxy,
        forwarded_allow_ips="*" if arguments.behind_proxy else None,
    )
    if arguments.fd is None:
        Server(config).run()
        return
    own = socket.create_server((arguments.host, arguments.port))
    Server(config).run(sockets=[socket.socket(fileno=arguments.fd), own])


class Server(uvicorn.Server):
    """Leaves what the application is made of out of garbage collections, which would stop all requests for long."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


def _allow_many_connections() -> None:
    """Take all the file descriptors that the system allows: many shells and services allow only 1,024 unless asked."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
