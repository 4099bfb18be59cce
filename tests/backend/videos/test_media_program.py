"""The media program decodes inside its cage, within its limits, and nobody believes what it says unchecked."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import av
import psutil
import pytest

from backend.settings import Settings
from backend.videos.decoder_cage import decoder_cage
from backend.videos.media import protocol
from backend.videos.media.answers import (
    LONGEST_LINE,
    RESULTS,
    Answer,
    MadeAnswer,
    NonsenseError,
    answers,
    require_plain_files,
)
from backend.videos.media.cage.walls import Wall
from backend.videos.media.protocol import Made
from backend.videos.media_process import options_from
from tests.architecture.repository import ROOT
from tests.clips import write_clip


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
    assert (
        run_program(tmp_path / "clip.mp4", tmp_path, max_frames=10)["reason"]
        == "has more than 10 frames: cut it into shorter videos"
    )


@pytest.mark.parametrize(("num_streams", "told"), [(63, "made"), (70, "has more than 63 streams")])
def test_a_file_of_more_streams_than_are_read_loses_no_frame_unsaid(
    tmp_path: Path, num_streams: int, told: str
) -> None:
    """What belongs to the others ended the reading after the first frame."""
    with av.open(str(tmp_path / "many.mkv"), "w") as container:
        streams = [container.add_stream("libx264", rate=24) for _ in range(num_streams)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        for stream in streams:
            for _ in range(4):
                container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
            container.mux(stream.encode())
    answer = run_program(tmp_path / "many.mkv", tmp_path)
    assert answer.get("reason", answer["t"]) == told
    assert answer.get("num_frames", 4) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_decoding_happens_inside_every_wall_that_stands(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 400)
    with subprocess.Popen(program(tmp_path / "clip.mp4", tmp_path), cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["t"] == "progress"
        decoder = innermost(process.pid)
        status = Path(f"/proc/{decoder.pid}/status").read_text()
        limits = Path(f"/proc/{decoder.pid}/limits").read_text()
        network = os.readlink(f"/proc/{decoder.pid}/ns/net")
        root = os.listdir(f"/proc/{decoder.pid}/root")
        process.kill()
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    assert "Max open files            64 " in limits
    standing = decoder_cage().standing
    assert ("Seccomp:\t2" in status) == (Wall.call_filter in standing)
    assert (network != os.readlink("/proc/self/ns/net")) == (Wall.namespaces in standing)
    assert ("etc" not in root) == (Wall.file_tree in standing)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends it on Linux only")
def test_whoever_is_killed_first_all_of_the_media_program_ends_as_its_decoder_did(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 400)
    for number, victim in ((signal.SIGKILL, innermost), (signal.SIGABRT, innermost), (signal.SIGKILL, psutil.Process)):
        with subprocess.Popen(program(tmp_path / "clip.mp4", tmp_path), cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            victim(process.pid).send_signal(number)
            assert process.wait(10) == -number
            assert psutil.wait_procs(everybody, timeout=10)[1] == []


def innermost(pid: int) -> psutil.Process:
    """The process that decodes: the last of the line."""
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)][-1]


MADE = {
    "t": "made",
    "width": 320,
    "height": 240,
    "num_frames": 4,
    "fps_num": 24,
    "fps_den": 1,
    "source": {"codec": "h264"},
    "warnings": ["is damaged"],
    "filmstrip": {"tile_width": 160, "tile_height": 120, "columns": 4, "frame_indices": [0, 1, 2, 3]},
}
NONSENSE = [
    b"",
    b"\xff",
    b"[]",
    b'{"t": "other"}',
    b'{"t": "progress", "done": -1, "total": 1, "frames_per_second": null}',
    b'{"t": "progress", "done": 1, "total": 2147483648, "frames_per_second": null}',
    b'{"t": "progress", "done": 1, "total": 1, "frames_per_second": NaN}',
    b'{"t": "unusable", "reason": "\\u0000"}',
    b'{"t": "unusable", "reason": "\\ud800"}',
    json.dumps({"t": "unusable", "reason": "x" * 501}).encode(),
    *(
        json.dumps(MADE | change).encode()
        for change in (
            {"width": 0},
            {"num_frames": "4"},
            {"filmstrip": {}},
            {"source": {"codec": "\0"}},
            {"source": []},
            {"warnings": ["x"] * 101},
            {"video_id": "another"},
        )
    ),
    b"x" * (LONGEST_LINE + 1),
]


async def test_what_the_program_says_is_read_only_if_it_makes_sense() -> None:
    good = protocol.made_line(Made(**{name: value for name, value in MADE.items() if name != "t"}))
    assert [type(each) for each in await heard(good.encode())] == [MadeAnswer]
    for line in NONSENSE:
        with pytest.raises(NonsenseError):
            await heard(line)


async def heard(line: bytes) -> list[Answer]:
    output = asyncio.StreamReader(limit=LONGEST_LINE)
    output.feed_data(line + b"\n")
    output.feed_eof()
    return [answer async for answer in answers(output)]


def test_only_files_of_its_own_are_taken_from_the_program(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.mp4"
    theirs.write_bytes(b"another person's video")

    def folder_with(make: Callable[[Path], object]) -> Path:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        for name in RESULTS[1:]:
            (folder / name).write_bytes(b"own")
        make(folder / RESULTS[0])
        return folder

    require_plain_files(folder_with(lambda path: path.write_bytes(b"own")))
    fakes: list[Callable[[Path], object]] = [
        lambda path: path.symlink_to(theirs),
        lambda path: path.hardlink_to(theirs),
        os.mkfifo,
        os.mkdir,
        lambda path: None,
    ]
    for fake in fakes:
        with pytest.raises(NonsenseError):
            require_plain_files(folder_with(fake))


def program(source: Path, folder: Path, **changes: int) -> list[str]:
    options = asdict(options_from(Settings(), long_side=1920)) | changes
    return [sys.executable, "-m", "backend.videos.media", str(source), str(folder), json.dumps(options)]


def run_program(source: Path, folder: Path, **changes: int) -> dict[str, str]:
    """The media program's last line."""
    result = subprocess.run(program(source, folder, **changes), cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return answer
