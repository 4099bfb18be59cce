"""The walls of the decoders' cage stand under compose's profile of system calls, without any capability."""

import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from backend.videos.decoder_cage import decoder_cage
from tests.architecture.repository import ROOT
from tests.backend.other_user import becoming
from tests.deployment.compose_file import read_compose

HEADERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
# Installs the filter that it is given, as a container's start does, and becomes the rest of its words.
CONFINED = """
import ctypes, os, sys
program = bytes.fromhex(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
held = ctypes.create_string_buffer(program, len(program))
class Header(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]
header = Header(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(header), 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])
"""


def refused() -> list[str]:
    profile = json.loads((ROOT / "docker" / "seccomp.json").read_text())
    assert set(profile) == {"defaultAction", "syscalls"}
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    assert {rule["action"] for rule in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}
    return [name for rule in profile["syscalls"] for name in rule["names"]]


def numbers() -> dict[str, int]:
    if platform.machine() != "x86_64" or not HEADERS.exists():
        pytest.skip("there are no kernel headers for x86-64 here (Debian: apt install linux-libc-dev)")
    found = re.findall(r"#define __NR_(\w+)\s+(\d+)$", HEADERS.read_text(), re.MULTILINE)
    return {name: int(number) for name, number in found}


def program() -> bytes:
    """What the profile becomes: each refused call answers EPERM, every other one is allowed."""
    load, equal, answer = 0x20, 0x15, 0x06
    known = numbers()
    checks = [struct.pack("HBBI", equal, 0, 1, known[name]) + with_eperm(answer) for name in refused() if name in known]
    return b"".join([struct.pack("HBBI", load, 0, 0, 0), *checks, struct.pack("HBBI", answer, 0, 0, 0x7FFF0000)])


def with_eperm(answer: int) -> bytes:
    return struct.pack("HBBI", answer, 0, 0, 0x00050000 | 1)


@pytest.mark.skipif(not shutil.which("unshare") or not shutil.which("setpriv"), reason="needs util-linux")
def test_compose_gives_the_decoders_every_wall_that_the_machine_has() -> None:
    if decoder_cage().problems:
        pytest.skip(f"this machine itself cannot build {list(decoder_cage().problems)}")
    words = [sys.executable, "-c", CONFINED, program().hex(), sys.executable, "-m", "backend.videos.media.cage"]
    tried = subprocess.run(
        [*becoming("user"), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
    assert json.loads(tried.stdout) == {}


def test_the_profile_still_refuses_what_no_server_needs() -> None:
    assert {"ptrace", "bpf", "io_uring_setup", "keyctl", "setns", "open_by_handle_at", "init_module"} <= set(refused())
    assert set(refused()) <= {*numbers(), "ioperm", "iopl"}


def test_only_backends_have_the_profile() -> None:
    services = read_compose({"MASKLOOM_DATABASE_PASSWORD": "x", "MASKLOOM_PUBLIC_ORIGIN": "https://x.org"}).services
    having = {
        name for name, service in services.items() if "seccomp:docker/seccomp.json" in service.raw["security_opt"]
    }
    assert having == {"backend"}
