"""How the backend is served: the same flags on one machine and in a container."""

import sys

_FLAGS = (
    "--factory --ws none --no-access-log --no-server-header --log-level warning "
    "--timeout-keep-alive 75 "  # longer than a browser keeps an idle connection: neither writes to a closed one
    # An open event stream would keep an orderly stop waiting for ever.
    "--timeout-graceful-shutdown 2"
)


def uvicorn_command(port: int, *, host: str = "127.0.0.1", behind_proxy: bool = False) -> list[str]:
    """`behind_proxy`: nobody but our proxy reaches the port, so that what it says of the caller's address holds."""
    forwarded = ["--proxy-headers", "--forwarded-allow-ips", "*"] if behind_proxy else ["--no-proxy-headers"]
    application = ["-m", "uvicorn", "backend.app:create_app", "--host", host, "--port", str(port)]
    return [sys.executable, *application, *_FLAGS.split(), *forwarded]
