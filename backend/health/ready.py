"""`python -m backend.health.ready`: exit status 0 if the backend of this container takes requests."""

import http.client
import os
import sys
import urllib.request


def main() -> int:
    address = f"http://127.0.0.1:{os.environ.get('MASKLOOM_PORT') or 8000}/api/health/ready"
    try:
        with urllib.request.urlopen(address, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{address}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
