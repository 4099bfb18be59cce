"""Resource limits that the media program sets for itself before it opens the file."""

import os
import resource
from contextlib import suppress

from backend.videos.media.protocol import Options

_MAX_OUTPUT_BYTES = 16 * 1024**3
_MAX_OPEN_FILES = 64
_NICENESS = 10


def apply(options: Options) -> None:
    """Limit memory, processor time, file size and open files; turn off core dumps; lower the priority."""
    _limit(resource.RLIMIT_AS, options.max_memory_bytes)
    _limit(resource.RLIMIT_CPU, options.max_cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, _MAX_OUTPUT_BYTES)
    _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    with suppress(OSError):
        os.nice(_NICENESS)


def _limit(which: int, value: int) -> None:
    _soft, hard = resource.getrlimit(which)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(ValueError, OSError):  # some systems define a limit but do not support it
        resource.setrlimit(which, (ceiling, ceiling))
