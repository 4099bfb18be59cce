"""The uvicorn command that serves the backend, with the same flags on one machine and in a container."""

import sys

_FLAGS = (
    "--factory --ws none --no-access-log --no-server-header --log-level warning "
    "--timeout-keep-alive 75 "  # longer than browsers keep idle connections, so that nobody uses a closed one
    # Without a timeout, an open event stream would block an orderly stop for ever.
    "--timeout-graceful-shutdown 2"
)


def uvicorn_command(port: int, *, host: str = "127.0.0.1", behind_proxy: bool = False) -> list[str]:
    """`behind_proxy` means that only our proxy can reach the port, so its word on the client's address is trusted."""
    forwarded = ["--proxy-headers", "--forwarded-allow-ips", "*"] if behind_proxy else ["--no-proxy-headers"]
    application = ["-m", "uvicorn", "backend.app:create_app", "--host", host, "--port", str(port)]
    return [sys.executable, *application, *_FLAGS.split(), *forwarded]
