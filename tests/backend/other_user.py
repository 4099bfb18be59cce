"""Commands as an ordinary user, also where the tests run as root."""

import os
import sys
from pathlib import Path
from typing import Literal

Who = Literal["root", "user"]
USER = 12345
# Runs as another user in a view of this machine in which Python can be reached, wherever root keeps it.
AS_USER = """
python=$1 closed=$2 user=$3; shift 3
if [ -n "$closed" ]; then
    stage=$(mktemp -d); mount --bind "$python" "$stage"
    mount -t tmpfs -o mode=755 tmpfs "$closed"; mkdir -p "$python"; mount --bind "$stage" "$python"
fi
exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""


def becoming(who: Who) -> list[str]:
    """The words before a command that make root this person."""
    if who == "root" or os.geteuid() != 0:
        return []
    python = Path(sys.base_prefix)
    closed = next((path for path in reversed(python.parents) if not path.stat().st_mode & 0o001), None)
    view = ["unshare", "--mount", "--propagation", "private", "sh", "-c", AS_USER, "sh"]
    return [*view, str(python), str(closed or ""), str(USER)]
