"""`python -m backend.sample ADDRESS`: load the sample project into a running Maskloom."""

import os
import sys

from backend.sample.api import TOKEN_VARIABLE, Api, RefusedError
from backend.sample.loader import load_sample
from backend.terminal import say


def main(address: str) -> int:
    try:
        load_sample(Api(address, os.environ.get(TOKEN_VARIABLE)), lambda message: say("sample", message))
    except (RefusedError, TimeoutError, OSError) as problem:
        say("sample", str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
