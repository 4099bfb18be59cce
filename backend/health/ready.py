"""`python -m backend.health.ready`: exit status 0 if the backend of this container takes requests."""

import http.client
import os
import sys

_PATH = "/api/health/ready"


def main() -> int:
    port = int(os.environ.get("MASKLOOM_PORT") or 8000)
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
