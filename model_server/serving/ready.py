"""`python -m model_server.serving.ready`: exit status 0 if this container's model server answers prompts."""

import http.client
import os
import sys
import urllib.request


def main() -> int:
    """Ask the health route of the server on this machine; 1 if it is not ready."""
    address = f"http://127.0.0.1:{os.environ.get('MASKLOOM_MODEL_PORT') or 8001}/v1/health"
    try:
        with urllib.request.urlopen(address, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{address}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
