"""Hostile code inside the decoder's cage reaches its input, its output and the code that runs there; nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from ctypes import CDLL
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from backend.settings import Settings
from backend.videos.decoder_cage import DecoderCage, decoder_cage
from backend.videos.media.answers import RESULTS
from backend.videos.media.cage.confines import confines
from backend.videos.media.cage.system_calls import ALLOWED, CHECKED
from backend.videos.media.cage.walls import GUARDS, Wall, exposed_by
from backend.videos.media_process import media_environment, options_from
from tests.architecture.repository import ROOT
from tests.backend.other_user import USER, Who, becoming
from tests.clips import write_clip

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")

ADD_KEY = {"x86_64": 248, "aarch64": 217}
ALL = tuple(Wall)
NAMESPACES = (Wall.namespaces, Wall.file_tree)
CAGES: dict[str, tuple[Wall, ...]] = {
    "every wall": ALL,
    "without namespaces": (Wall.landlock, Wall.call_filter),
    "without a file tree": (Wall.namespaces, Wall.landlock, Wall.call_filter),
    "without Landlock": (*NAMESPACES, Wall.call_filter),
    "without a filter": (*NAMESPACES, Wall.landlock),
}
ENVIRONMENT = {"PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "HOME", "OMP_NUM_THREADS"}
ADDED = {"PWD", "LC_CTYPE"}  # by the shell that stands in for the backend, and by Python
WITHOUT_NAMESPACES = """
echo 0 > /proc/sys/user/max_user_namespaces
exec setpriv --bounding-set=-all --inh-caps=-all "$@"
"""


@dataclass(frozen=True)
class Place:
    """A data folder with another person's video, a log, a setting and a database's socket; and an ingest's paths."""

    source: Path
    folder: Path
    targets: dict[str, Any]
    udp: socket.socket


@pytest.fixture(params=["root", "user"])
def who(request: pytest.FixtureRequest) -> Who:
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("these tests do not run as root")
    if request.param == "user" and os.geteuid() == 0 and not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("root needs unshare and setpriv (util-linux) to become somebody else")
    return request.param


@pytest.fixture
def place(who: Who) -> Iterator[Place]:
    with ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="maskloom-cage-")))
        planted = [top / "data/objects/v/other.mp4", top / "data/logs/backend.log", top / ".env"]
        source, folder = top / "data/objects/v/own.mp4", top / "data/staging/ingest"
        for path in (*planted, source, folder / "errors.txt", top / "data/postgres/run/lock"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("private")
        sockets = {
            "path": (socket.AF_UNIX, socket.SOCK_STREAM, str(top / "data/postgres/run/.s.PGSQL.5432")),
            "name": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0maskloom-{top.name}"),
            "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        }
        listening: dict[str, socket.socket] = {}
        for name, (family, kind, address) in sockets.items():
            listening[name] = stack.enter_context(socket.socket(family, kind))
            listening[name].bind(address)
            if kind == socket.SOCK_STREAM:
                listening[name].listen()
        for path in (top, *top.rglob("*")):
            if who == "user" and os.geteuid() == 0:
                os.chown(path, USER, USER)
        victim = stack.enter_context(subprocess.Popen([*becoming(who), "sleep", "60"], stdout=subprocess.DEVNULL))
        stack.callback(victim.kill)
        segment = CDLL(None).shmget(0, 4096, 0o1666)
        stack.callback(CDLL(None).shmctl, segment, 0, None)
        targets = {
            "walked": ["/", "..", *("/proc/self/root", "/proc/self/cwd", "/etc", "/run"), str(source), str(folder)],
            "roots": list(roots()),
            "files": [*map(str, outside())],
            "planted": [*map(str, planted), *{str(path.parent) for path in planted}],
            "unix_sockets": [str(top / "data/postgres/run/.s.PGSQL.5432")],
            "abstract_socket": f"maskloom-{top.name}",
            "tcp_port": listening["tcp"].getsockname()[1],
            "udp_port": listening["udp"].getsockname()[1],
            "victim": victim.pid,
            "shared_memory": segment,
            "key": planted_key(),
        }
        listening["udp"].setblocking(False)
        yield Place(source, folder, targets, listening["udp"])


def planted_key() -> int:
    """In this process's session keyring, which its children inherit."""
    return CDLL(None).syscall(ADD_KEY[os.uname().machine], b"user", b"maskloom-test", b"private", 7, -3)


def outside() -> list[Path]:
    """Files of the system and of Maskloom that decoding does not need."""
    maskloom = ["pyproject.toml", "backend/settings.py", "backend/videos/ingest.py", "tests/clips.py", ".git"]
    system = ["/etc/passwd", "/etc/hosts", "/proc/self/environ", "/proc/self/maps", "/proc/1/status", "/proc/meminfo"]
    return [*(ROOT / name for name in maskloom), *map(Path, system), Path("/dev/zero"), Path("/dev/urandom")]


def roots() -> tuple[str, ...]:
    """The folders of code that the cage shows."""
    return tuple(map(str, confines(source=Path("/"), folder=Path("/")).code))


def attack(place: Place, who: Who, walls: tuple[Wall, ...], **less: list[str]) -> dict[str, set[str]]:
    """What hostile code reached. Its parent is a shell of its own, which may suffer."""
    options = replace(options_from(Settings(), long_side=1920), walls=walls)
    targets = [json.dumps(place.targets | less)]
    program = [sys.executable, "-m", "tests.backend.videos.hostile_program", str(place.source), str(place.folder)]
    ended = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", *becoming(who), *program, json.dumps(asdict(options)), *targets],
        env=media_environment(place.folder),
        cwd=place.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ended.stdout.splitlines()
    assert len(lines) == 2, ended.stderr
    assert json.loads(lines[1])["reason"] == "was an attack"
    return {name: set(reached) for name, reached in json.loads(lines[0]).items()}


def require(walls: tuple[Wall, ...]) -> None:
    missing = [wall for wall in walls if wall not in decoder_cage().standing]
    if missing:
        pytest.skip(f"this machine cannot build {missing}: {decoder_cage().problems}")


@pytest.mark.parametrize("cage", CAGES)
def test_hostile_code_reaches_exactly_what_it_decodes_and_the_code_that_decodes(
    cage: str, who: Who, place: Place
) -> None:
    walls = CAGES[cage]
    require(walls)
    reached = attack(place, who, walls)
    code = {path for path in reached["read"] if path.startswith(tuple(f"{root}/" for root in roots()))}
    assert {next(root for root in roots() if path.startswith(root)) for path in code} == set(roots())
    assert reached["read"] - code == {str(place.source), str(place.folder / "errors.txt")}
    assert reached["written"] == {str(place.folder), str(place.folder / "errors.txt")}
    assert reached["connected"] == reached["touched"] == reached["made"] == reached["processes listed"] == set()
    assert bool(reached["known"]) == (Wall.file_tree not in walls)  # that a path exists, and its size
    if Wall.call_filter in walls:
        assert reached["sockets"] == reached["started"] == set()
    else:
        assert reached["started"] == {"child", "namespace"}
    assert reached["descriptors"] == {"0", "1", "2"}
    assert reached["environment"] <= ENVIRONMENT | ADDED
    with suppress(BlockingIOError):
        pytest.fail(f"a datagram came out: {place.udp.recv(100)!r}")


def test_the_same_code_reaches_all_of_it_without_walls(who: Who, place: Place) -> None:
    """So the attacks work, and it is the walls that stop them."""
    reached = attack(place, who, (), walked=[str(place.source.parents[3])], roots=[])
    planted = {path for path in place.targets["planted"] if Path(path).suffix or Path(path).name == ".env"}
    assert {str(place.source), *planted} <= reached["read"]
    assert {f"deleted: {path}" for path in planted} <= reached["written"]
    assert planted <= reached["known"]
    assert {*place.targets["unix_sockets"], "socket with a name", "TCP", "UDP"} <= reached["connected"]
    assert reached["sockets"] >= {"unix", "inet", "inet6", "netlink", "pair"}
    held = ("signal", "handle", "limits", "processors", "group", "input and output signal", "status")
    assert {f"{grip} of the victim" for grip in held} | {"shared memory"} <= reached["touched"]
    assert {"symbolic link", "hard link", "pipe"} <= reached["made"]
    assert reached["started"] == {"child", "program", "namespace"}
    assert place.udp.recv(100) == b"out"


@pytest.mark.skipif(not shutil.which("unshare") or not shutil.which("setpriv"), reason="needs util-linux")
def test_a_machine_without_user_namespaces_says_so_and_keeps_the_other_walls(tmp_path: Path) -> None:
    """As a container has it that may not unshare."""
    require(NAMESPACES)
    poor = ["unshare", "--user", "--map-root-user", "sh", "-c", WITHOUT_NAMESPACES, "sh", sys.executable, "-m"]
    tried = subprocess.run([*poor, "backend.videos.media.cage"], cwd=ROOT, capture_output=True, text=True, check=True)
    cage = DecoderCage({Wall(name): problem for name, problem in json.loads(tried.stdout).items()})
    assert cage.standing == (Wall.landlock, Wall.call_filter)
    assert cage.exposed == []
    said = " ".join(cage.warnings())
    assert "without one of their walls, namespaces: [Errno 1] Operation not permitted" in said
    assert "user.max_user_namespaces" in said
    assert "docker/seccomp.json" in said

    clip, folder = write_clip(tmp_path / "clip.mp4", "constant", 4), tmp_path / "out"
    folder.mkdir()
    for walls, files in ((ALL, set[str]()), (cage.standing, set(RESULTS))):
        options = json.dumps(asdict(replace(options_from(Settings(), long_side=1920), walls=walls)))
        words = [*poor, "backend.videos.media", str(clip), str(folder), options]
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ended.returncode == 0) == bool(files), ended.stderr
        assert set(os.listdir(folder)) == files, (
            "a wall that is promised and missing ends the program before it decodes"
        )


def test_any_one_wall_can_fall_and_nothing_is_exposed() -> None:
    for fallen in Wall:
        assert exposed_by({*Wall} - {fallen}) == []
    assert exposed_by([]) == list(GUARDS)
    assert exposed_by([Wall.landlock]) == ["the network", "the database's socket", "other processes"]
    warnings = list(DecoderCage(dict.fromkeys(Wall, "not on Linux")).warnings())
    assert len(warnings) == 1 + len(Wall)
    assert "Accept uploads only from people you trust" in warnings[0]


def test_the_filter_s_numbers_are_the_kernel_s() -> None:
    tables = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")
    if not all(table.exists() for table in tables):
        pytest.skip("there are no kernel headers here (Debian: apt install linux-libc-dev)")
    for column, table in enumerate(tables):
        pattern = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)
        known = {name: int(number) for name, number in pattern.findall(table.read_text())}
        known["newfstatat"] = known.get("newfstatat", known.get("fstatat", -1))
        for name, numbers in (ALLOWED | CHECKED).items():
            assert numbers[column] == known.get(name), name
