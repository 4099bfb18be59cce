"""`python -m backend.sample ADDRESS`: load the sample project into a running Maskloom."""

import os
import sys

from backend.client.connection import SiteConnection
from backend.client.environment import TOKEN_VARIABLE
from backend.sample.loader import load_sample
from backend.terminal import TerminalError, say


def main(address: str) -> int:
    try:
        load_sample(SiteConnection(address, os.environ.get(TOKEN_VARIABLE)), lambda message: say("sample", message))
    except (TerminalError, TimeoutError) as problem:
        say("sample", str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
