"""The media program: `python -m backend.videos.media SOURCE FOLDER OPTIONS [STILLS]`, the last two as JSON objects.

It turns the source into a video of record, or writes stills of the source if it is one.
"""

import errno
import json
import sys
import time
from pathlib import Path

from backend.videos.media import protocol
from backend.videos.media.cage import limits
from backend.videos.media.cage.entrance import enter
from backend.videos.media.cage.walls import Wall
from backend.videos.media.protocol import Options, Stills, Unusable

_SECONDS_BETWEEN_LINES = 0.2


class _Progress:
    """Reports the progress a few times a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, done: float, total: int, frames_per_second: float | None) -> None:
        now = time.monotonic()
        if now >= self._next or done >= total:
            self._next = now + _SECONDS_BETWEEN_LINES
            _say(protocol.progress_line(done, total, frames_per_second=frames_per_second))


def main(source: str, folder: str, options_json: str, stills_json: str = "") -> None:
    options = Options(**json.loads(options_json))
    limits.apply(options)
    from av.error import FFmpegError

    # These load the decoders, so only after the limits are set.
    from backend.videos.media.stills import write_stills
    from backend.videos.media.transcoder import transcode

    enter([Wall(wall) for wall in options.walls], source=Path(source), folder=Path(folder))
    try:
        if stills_json:
            write_stills(Path(source), Path(folder), Stills(**json.loads(stills_json)), _Progress())
            last_word = protocol.stills_line()
        else:
            last_word = protocol.made_line(transcode(Path(source), Path(folder), options, _Progress()))
    except Unusable as problem:
        _say(protocol.unusable_line(str(problem)))
    except MemoryError:
        _say(protocol.unusable_line("needs more memory to decode than it may have"))
    except FFmpegError as error:
        if error.errno == errno.ENOSPC:
            raise  # not the file's fault: the job is retried
        _say(protocol.unusable_line(f"makes the decoder fail: {(error.strerror or '').lower()}"))
    else:
        _say(last_word)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:5])
