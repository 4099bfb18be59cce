"""The way into the cage, which has no way out."""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from backend.videos.media.cage import call_filter, file_tree, landlock, namespaces, privileges
from backend.videos.media.cage.confines import confines
from backend.videos.media.cage.walls import Wall

_STANDARD_STREAMS = 3


def enter(walls: Collection[Wall], *, source: Path, folder: Path) -> None:
    """Build these walls around this process, which must not have threads yet: one file to read, one folder to write.

    It goes on in a child if there are namespaces; its parent ends as the child ends.

    Raises:
        OSError: one of the walls cannot be built. Nothing may be decoded then.
    """
    inside = confines(source=source, folder=folder)
    _close_inherited()
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this process is the one to end
    if Wall.namespaces in walls:
        namespaces.leave(mounts=Wall.file_tree in walls)
        if Wall.file_tree in walls:
            file_tree.enter(inside)
        namespaces.descend()
    privileges.drop()
    if Wall.landlock in walls:
        landlock.enter(inside)
    if Wall.call_filter in walls:
        call_filter.enter()


def _close_inherited() -> None:
    with suppress(FileNotFoundError):  # no /proc: not Linux
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            if descriptor >= _STANDARD_STREAMS:
                with suppress(OSError):  # the one that listed them
                    os.close(descriptor)
