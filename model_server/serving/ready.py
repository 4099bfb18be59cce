"""`python -m model_server.serving.ready`: exit status 0 if this container's model server answers prompts."""

import http.client
import os
import sys

_PATH = "/v1/health"


def main() -> int:
    """Ask the health route of the server on this machine; 1 if it is not ready."""
    port = int(os.environ.get("MASKLOOM_MODEL_PORT") or 8001)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)  # which knows no proxy, as urllib does
    try:
        connection.request("GET", _PATH)
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"port {port}, {_PATH}: {error}\n")
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
