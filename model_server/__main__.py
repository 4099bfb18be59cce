"""`python -m model_server`: the model server, on the loopback interface by default."""

import os

# Read by OpenMP when torch is loaded: waiting threads must sleep rather than spin on cores that others need.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
import uvicorn

from model_server.serving.app import create_app
from model_server.serving.observability import configure_logging
from model_server.serving.settings import Settings


def main() -> None:
    """Serve until a signal arrives."""
    settings = Settings()
    configure_logging(settings.log_format)
    torch.set_num_threads(settings.model_threads)
    uvicorn.run(
        create_app(settings),
        host=settings.model_host,
        port=settings.model_port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,  # above the backend's, so that the backend never writes to a closed connection
        timeout_graceful_shutdown=1,  # a propagation still streaming is cut off and can be resumed
    )


if __name__ == "__main__":
    main()
