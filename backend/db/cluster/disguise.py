"""How Postgres avoids running as root, which it refuses: in a user namespace as somebody else, or as `nobody`."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from pwd import getpwall, getpwuid

_NOBODY = 65534


class Disguise:
    """The user that Postgres takes itself for."""

    def __init__(self, prefix: list[str], *, user: int | None) -> None:
        self._prefix = prefix
        self._user = user

    @property
    def needs_ownership(self) -> bool:
        """Whether the files must belong to that user."""
        return self._user is not None

    def command(self, command: list[str]) -> list[str]:
        return [*self._prefix, *command]

    def become(self) -> None:
        """A `preexec_fn`."""
        if self._user is not None:
            os.setgroups([])
            os.setgid(self._user)
            os.setuid(self._user)


@cache
def disguise() -> Disguise:
    """The one that this system allows."""
    if os.geteuid() != 0 and _has_account(os.geteuid()):
        return Disguise([], user=None)
    # Also for a user id without an account, as in containers, because initdb needs its name.
    someone = _NOBODY if _has_account(_NOBODY) else next((u.pw_uid for u in getpwall() if u.pw_uid != 0), _NOBODY)
    namespace = ["unshare", "-U", f"--map-user={someone}", f"--map-group={someone}"]
    if shutil.which("unshare"):
        trial = subprocess.run([*namespace, "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            return Disguise(namespace, user=None)
    return Disguise([], user=_NOBODY if os.geteuid() == 0 else None)


def give_to_nobody(directory: Path, *others: Path) -> None:
    """Make `nobody` the owner, and let it pass through the folder above, which is ours alone."""
    directory.parent.chmod(directory.parent.stat().st_mode | 0o001)
    for each in (directory, *others):
        for path in (each, *each.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)


def _has_account(user: int) -> bool:
    try:
        getpwuid(user)
    except KeyError:
        return False
    return True
