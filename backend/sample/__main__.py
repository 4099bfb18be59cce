"""`python -m backend.sample ADDRESS`: load the sample project into a running Maskloom."""

import sys

from backend.sample.api import Api, RefusedError
from backend.sample.loading import load_sample
from backend.supervisor.console import say


def main(address: str) -> int:
    try:
        load_sample(Api(address), lambda message: say("sample", message))
    except (RefusedError, TimeoutError, OSError) as problem:
        say("sample", str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
