"""The media program reads its source, writes its folder, and reaches nothing else."""

import json
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.videos.media_process import options_from
from tests.architecture.repository import ROOT
from tests.clips import write_clip

PROBE = """
import sys
from pathlib import Path
from backend.videos.media import sandbox
source, folder, secret, port = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
import socket
if not sandbox.enter(source=source, folder=folder):
    print("no landlock"); sys.exit()
def attempt(name, action):
    try:
        action()
        print(name, "allowed")
    except OSError as error:
        print(name, "refused")
attempt("source", source.read_bytes)
attempt("folder", lambda: (folder / "new").write_text("x"))
attempt("secret", secret.read_bytes)
attempt("overwrite", lambda: source.write_bytes(b""))
attempt("elsewhere", lambda: (secret.parent / "new").write_text("x"))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", port), timeout=2))
"""


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A source, a folder for results, and a file that is nobody's business."""
    (tmp_path / "out").mkdir()
    (tmp_path / "private").mkdir()
    (tmp_path / "source").write_bytes(b"source")
    (tmp_path / "private" / "secret").write_bytes(b"secret")
    return tmp_path / "source", tmp_path / "out", tmp_path / "private" / "secret"


def test_the_sandbox_lets_nothing_through_but_source_and_folder(places: tuple[Path, Path, Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        arguments = [*map(str, places), str(listener.getsockname()[1])]
        result = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    if result.stdout == "no landlock\n":
        pytest.skip("this kernel has no Landlock")
    assert result.stdout.splitlines()[:5] == [
        "source allowed",
        "folder allowed",
        "secret refused",
        "overwrite refused",
        "elsewhere refused",
    ]
    assert result.stdout.splitlines()[5] in {"connect refused", "connect allowed"}  # since version 4 of Landlock


def test_a_playlist_under_any_name_opens_no_file_and_no_connection(tmp_path: Path) -> None:
    write_clip(tmp_path / "private.mp4", "constant", 4)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for name, content in {
            "hls.mp4": f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/private.mp4\n#EXTINF:1,\nhttp://127.0.0.1:{port}/x.ts\n",
            "concat.mkv": f"ffconcat version 1.0\nfile '{tmp_path}/private.mp4'\n",
            "dash.mp4": f"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>",
            "sdp.mp4": f"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
        }.items():
            (tmp_path / name).write_text(content)
            answer = run_program(tmp_path / name, tmp_path)
            assert answer["t"] == "unusable", name
            assert "not a video" in answer["reason"], name
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody is waiting to be let in
            listener.accept()
    assert not (tmp_path / "proxy.mp4").exists()


def test_a_frame_larger_than_allowed_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 4)
    answer = run_program(tmp_path / "clip.mp4", tmp_path, max_pixels=1000)
    assert answer["t"] == "unusable"
    assert "pixels" in answer["reason"] or "cannot be opened" in answer["reason"]


def test_more_frames_than_allowed_are_refused(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 12)
    assert run_program(tmp_path / "clip.mp4", tmp_path, max_frames=10)["reason"] == "has more than 10 frames"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_decoding_happens_inside_the_sandbox(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 200)
    process = subprocess.Popen(program(tmp_path / "clip.mp4", tmp_path), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["t"] == "progress"
    status = Path(f"/proc/{process.pid}/status").read_text()
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    process.kill()
    process.communicate()
    assert "NoNewPrivs:\t1" in status
    assert "Max open files            64 " in limits


def program(source: Path, folder: Path, **changes: int) -> list[str]:
    options = asdict(options_from(Settings(), long_side=1920)) | changes
    return [sys.executable, "-m", "backend.videos.media", str(source), str(folder), json.dumps(options)]


def run_program(source: Path, folder: Path, **changes: int) -> dict[str, str]:
    """The media program's last line."""
    result = subprocess.run(program(source, folder, **changes), cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return answer
