"""Downloads over a real connection that breaks, lies and starts over."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model_server.acquisition.download import DownloadError, Partial, download, held
from tests.model_server.acquisition.file_server import FileServer, file_server

CONTENTS = np.random.default_rng(3).bytes(3_000_000)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server(CONTENTS) as served:
        yield served


@pytest.fixture
def partial(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "weights.pt")


def run(url: str, partial: Partial, *, max_bytes: int = 10**9) -> list[int]:
    """The bytes that were here at each report of progress."""
    seen: list[int] = []

    def progress(have: int, total: int | None) -> None:
        assert total in (None, len(CONTENTS))
        seen.append(have)

    asyncio.run(download(url, partial, max_bytes=max_bytes, progress=progress, pause_seconds=0.01))
    return seen


def test_a_file_arrives_whole_and_its_progress_is_told(server: FileServer, partial: Partial) -> None:
    seen = run(server.url, partial)
    assert partial.path.read_bytes() == CONTENTS
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENTS)
    assert server.asked == [(None, 200)]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server: FileServer, partial: Partial) -> None:
    server.cut_after = [1_000_000, 0, 500_000]
    run(server.url, partial)
    assert partial.path.read_bytes() == CONTENTS
    starts = [int(wanted.removeprefix("bytes=").removesuffix("-")) for wanted, status in server.asked if wanted]
    assert [status for _wanted, status in server.asked] == [200, 206, 206, 206]
    assert starts == sorted(starts)
    assert 0 < starts[0] <= 1_000_000
    assert starts[-1] > starts[0]


def test_a_server_that_never_gets_further_is_given_up_and_the_part_is_kept(
    server: FileServer, partial: Partial
) -> None:
    server.cut_after = [1_000_000, *[0] * 20]
    with pytest.raises(DownloadError, match="the same command goes on from there"):
        run(server.url, partial)
    kept = partial.path.stat().st_size
    assert kept > 0
    server.cut_after = []
    server.asked.clear()
    run(server.url, partial)
    assert server.asked == [(f"bytes={kept}-", 206)]
    assert partial.path.read_bytes() == CONTENTS


def test_a_file_that_changed_meanwhile_is_begun_anew(server: FileServer, partial: Partial) -> None:
    server.cut_after = [1_000_000, *[0] * 20]
    with pytest.raises(DownloadError):
        run(server.url, partial)
    server.cut_after, server.contents, server.etag = [], CONTENTS[::-1], '"two"'
    run(server.url, partial)
    assert partial.path.read_bytes() == CONTENTS[::-1]


def test_a_server_without_ranges_sends_it_again_from_the_start(server: FileServer, partial: Partial) -> None:
    server.ranges, server.cut_after = False, [1_000_000]
    run(server.url, partial)
    assert partial.path.read_bytes() == CONTENTS


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_sure_sign_of_the_version_nothing_is_joined(
    server: FileServer, partial: Partial, etag: str | None
) -> None:
    server.etag, server.cut_after = etag, [1_000_000]
    run(server.url, partial)
    assert server.asked == [(None, 200), (None, 200)]
    assert partial.path.read_bytes() == CONTENTS


def test_a_download_that_was_whole_already_is_noticed(server: FileServer, partial: Partial) -> None:
    run(server.url, partial)
    server.asked.clear()
    run(server.url, partial)
    assert server.asked == [(f"bytes={len(CONTENTS)}-", 416)]
    assert partial.path.read_bytes() == CONTENTS


def test_another_address_does_not_go_on_with_the_first_one_s_part(server: FileServer, partial: Partial) -> None:
    server.cut_after = [1_000_000, *[0] * 20]
    with pytest.raises(DownloadError):
        run(server.url, partial)
    with file_server(CONTENTS[::-1]) as other:
        run(other.url, partial)
    assert partial.path.read_bytes() == CONTENTS[::-1]


def test_a_web_page_in_place_of_the_file_is_called_one(server: FileServer, partial: Partial) -> None:
    server.contents, server.content_type = b"<html>Sign in to the guest network", "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match="a web page instead of weights: a proxy"):
        run(server.url, partial)
    assert not partial.path.exists()


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_problem_is_told_with_its_status(server: FileServer, partial: Partial, status: int) -> None:
    server.status = status
    with pytest.raises(DownloadError, match=str(status)):
        run(server.url, partial)


def test_a_file_that_is_too_large_is_refused_before_it_comes(server: FileServer, partial: Partial) -> None:
    with pytest.raises(DownloadError, match="no checkpoint is so large"):
        run(server.url, partial, max_bytes=len(CONTENTS) - 1)
    assert partial.path.stat().st_size == 0


def test_a_full_disk_is_told_before_the_download(
    server: FileServer, partial: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(DownloadError, match="3 MB are to come, the disk has 0 MB left"):
        run(server.url, partial)


def test_a_machine_that_is_offline_is_told_so_at_once(partial: Partial) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(DownloadError, match=r"seems to be offline.*maskloom models add"):
        run(f"http://127.0.0.1:{port}/weights.pt", partial)
    with pytest.raises(DownloadError, match=r"cannot reach no-such-host\.invalid"):
        run("http://no-such-host.invalid/weights.pt", partial)


def test_two_downloads_of_one_model_do_not_write_into_each_other(partial: Partial) -> None:
    with held(partial), pytest.raises(DownloadError, match="another download"), held(partial):
        pass
    with held(partial):
        pass
