"""A process that ends while it is looked at is over: no look, and no signal, fails on it."""

import subprocess
import sys

import psutil
import pytest

from backend.processes import is_alive
from tests.processes import is_over, kill_all, processes_below

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)", "a-word"]


def test_what_vanished_meanwhile_is_not_listed_and_may_be_killed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(SLEEP) as first, subprocess.Popen(SLEEP) as second:
        both = [psutil.Process(first.pid), psutil.Process(second.pid)]
        monkeypatch.setattr(psutil.Process, "children", lambda _self, recursive: both)
        while len(processes_below(word="a-word")) < 2:  # its words are told a moment after it was started
            pass
        assert processes_below(word="a-word") == both
        first.kill()
        first.wait()
        assert processes_below() == processes_below(word="a-word") == both[1:]
        second.kill()
        while not is_over(both[1]):  # a zombie, until it is waited for
            pass
        assert processes_below() == processes_below(word="a-word") == []
        second.wait()
        kill_all(both)
    assert [is_over(process) for process in both] == [True, True]


def test_below_a_process_that_is_gone_there_is_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processes_below(ended.pid) == []
    assert not is_alive(ended.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_ends_between_two_looks_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.setattr("backend.processes.os.kill", lambda _pid, _number: None)
    assert not is_alive(ended.pid)
