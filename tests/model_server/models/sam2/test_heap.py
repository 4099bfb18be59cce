"""The heap gives pages back to the system."""

import multiprocessing
import platform

import numpy as np
import psutil
import pytest

from model_server.models.sam2.heap import FRAMES_BETWEEN, Heap

PIECES = 3000
PIECE_BYTES = 64 * 1024  # below what the C library maps apart


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed pages so")
def test_pages_between_small_things_that_stay_are_handed_back() -> None:
    # In a process of its own: what other tests left of the heap decides where these pieces go.
    with multiprocessing.get_context("spawn").Pool(1) as fresh:
        assert fresh.apply(bytes_handed_back) > PIECES * PIECE_BYTES // 2


def bytes_handed_back() -> int:
    """How much smaller the process gets once what lay between small things is freed and some frames have passed."""
    process, heap = psutil.Process(), Heap()
    stays, goes = [], []
    for _ in range(PIECES):
        goes.append(np.ones(PIECE_BYTES, np.uint8))
        stays.append(np.ones(64, np.uint8))
    goes.clear()
    kept = process.memory_info().rss
    for _ in range(FRAMES_BETWEEN):
        heap.passed()
    assert len(stays) == PIECES
    return kept - process.memory_info().rss
