"""`python -m backend.supervisor.shared_port`: one of several backends that accept from the same port.

The supervisor opens the port, so that a backend that hangs or starts again takes no connection from the others. Each
has a port of its own besides, where the supervisor asks it for a sign of life.
"""

import argparse
import socket
import sys

import uvicorn


def shared_port_command(shared: socket.socket, own_port: int) -> list[str]:
    """The command of a child that inherits the shared socket."""
    module = ["-m", "backend.supervisor.shared_port", "backend.app:create_app"]
    return [sys.executable, *module, "--fd", str(shared.fileno()), "--own-port", str(own_port)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("application")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--own-port", type=int, required=True)
    arguments = parser.parse_args()
    config = uvicorn.Config(
        arguments.application,
        factory=True,
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    shared = socket.socket(fileno=arguments.fd)
    own = socket.create_server(("127.0.0.1", arguments.own_port))
    uvicorn.Server(config).run(sockets=[shared, own])


if __name__ == "__main__":
    main()
