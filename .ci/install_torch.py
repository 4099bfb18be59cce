"""Install the pinned torch into this Python's environment: the CPU build where there is no NVIDIA GPU.

pip takes the build it finds first: on some machines a CPU wheel, on others the default one, which brings
three gigabytes of CUDA along. MASKLOOM_TORCH_INDEX names a package index to take torch from (PyTorch's
site lists one per build); `any` takes whatever pip finds.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

PIN = next(line for line in Path("constraints.txt").read_text().splitlines() if line.startswith("torch=="))
PIP = [sys.executable, "-m", "pip", "install", "--progress-bar", "on"]


def main() -> None:
    if _installed() == PIN.removeprefix("torch=="):
        return
    index = os.environ.get("MASKLOOM_TORCH_INDEX", "")
    if index not in {"", "any"}:
        _install("--index-url", index, "--no-deps")  # the rest comes from the usual index, at the pinned versions
        return
    if index == "" and not _has_gpu() and _would_bring_cuda():
        sys.exit(
            "This machine has no NVIDIA GPU, and pip would install the CUDA build of torch (3 GB).\n"
            "Set MASKLOOM_TORCH_INDEX to the address of PyTorch's CPU wheels (its site's 'Get started' page has it)\n"
            "and run this again, or MASKLOOM_TORCH_INDEX=any to install the CUDA build."
        )
    _install("-c", "constraints.txt")


def _install(*options: str) -> None:
    print(f"Installing {PIN}", flush=True)
    subprocess.run([*PIP, "--quiet", *options, PIN], check=True)


def _installed() -> str:
    """The version without its build, `+cpu` say; empty where there is none."""
    code = "import importlib.metadata as m; print(m.version('torch').partition('+')[0])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


def _has_gpu() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def _would_bring_cuda() -> bool:
    """Whether what pip finds is Linux's default build; builds for other systems hold no CUDA."""
    if platform.system() != "Linux" or platform.machine() not in {"x86_64", "AMD64"}:
        return False
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--no-deps",
            "--ignore-installed",
            "--quiet",
            "--report",
            "-",
            PIN,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.search(r'"version": "[\d.]+\+cpu"', result.stdout) is None


if __name__ == "__main__":
    main()
