"""The walls by name: what each keeps from the decoders, and what an administrator does when one cannot be built."""

from collections.abc import Collection
from enum import StrEnum


class Wall(StrEnum):
    namespaces = "namespaces"
    file_tree = "file tree"
    landlock = "Landlock"
    call_filter = "system call filter"


GUARDS: dict[str, tuple[Wall, Wall]] = {
    "other files, settings and logs": (Wall.file_tree, Wall.landlock),
    "the network": (Wall.namespaces, Wall.call_filter),
    "the database's socket": (Wall.file_tree, Wall.call_filter),
    "other processes": (Wall.namespaces, Wall.call_filter),
}
"""What decoders must not reach, with the walls of which each alone keeps it from them."""

ADVICE: dict[Wall, str] = {
    Wall.namespaces: (
        "Allow user namespaces: user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1 on Debian, "
        "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu; in a container the seccomp profile "
        "docker/seccomp.json."
    ),
    Wall.file_tree: (
        "It needs namespaces, and mounting inside them: in a container an AppArmor profile that allows mount and "
        "pivot_root."
    ),
    Wall.landlock: "Use Linux 6.2 or later with landlock in its list of security modules (lsm=).",
    Wall.call_filter: "Use a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or 64-bit ARM.",
}


def exposed_by(standing: Collection[Wall]) -> list[str]:
    """What nothing keeps from the decoders if only these walls stand."""
    return [thing for thing, guards in GUARDS.items() if not set(guards) & set(standing)]
