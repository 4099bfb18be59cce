"""Two Maskloom never share a data folder or a port."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backend.supervisor.claims import Taken, any_free_port, data_folder, require_free_port

HOLD = "import sys, time; from pathlib import Path; from backend.supervisor.claims import data_folder as d\n"
HOLD += "with d(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_a_second_maskloom_on_the_same_folder_is_told_who_has_it(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(Taken, match=f"process {holder.pid}.*MASKLOOM_DATA_DIR"), data_folder(tmp_path):
            pass
    finally:
        holder.kill()
        holder.wait()
    with data_folder(tmp_path):
        pass  # the killed one holds nothing any more


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Taken, match=f"Port {port} is taken.*MASKLOOM_PORT"):
            require_free_port(port, seconds=0.2)
    require_free_port(port, seconds=5)


def test_a_free_port_is_free() -> None:
    require_free_port(any_free_port(), seconds=0)
