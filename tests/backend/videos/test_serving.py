"""The proxy is served in byte ranges, for browsers that seek, and kept for ever once fetched."""

from pathlib import Path

import pytest

from backend.storage.objects import ObjectStore
from tests.backend.running import RunningBackend
from tests.backend.videos.uploading import ingest
from tests.clips import write_clip


@pytest.fixture
async def proxy(backend: RunningBackend, tmp_path: Path) -> tuple[str, bytes]:
    """Its address and its bytes."""
    write_clip(tmp_path / "clip.mp4", "constant", 12)
    video = await ingest(backend, tmp_path / "clip.mp4")
    return video["proxy_url"], (await backend.client.get(video["proxy_url"])).content


async def test_a_range_gives_exactly_its_bytes(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, whole = proxy
    final = len(whole) - 1
    for wanted, first, last in (("0-", 0, final), ("0-0", 0, 0), ("100-199", 100, 199), ("5000-99999999", 5000, final)):
        answer = await backend.client.get(url, headers={"Range": f"bytes={wanted}"})
        assert answer.status_code == 206, wanted
        assert answer.content == whole[first : last + 1], wanted
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


async def test_a_suffix_range_gives_the_end(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, whole = proxy
    answer = await backend.client.get(url, headers={"Range": "bytes=-10"})
    assert (answer.status_code, answer.content) == (206, whole[-10:])


async def test_a_range_beyond_the_end_is_refused(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, whole = proxy
    answer = await backend.client.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert answer.status_code == 416
    assert answer.json()["size"] == len(whole)


ODD_RANGES = {
    "bytes=" + "9" * 5000 + "-": 416,
    "bytes=-" + "9" * 5000: 206,  # as much of its end as there is
    "bytes=0-" + "9" * 5000: 206,
    "bytes=-0": 416,
    "bytes=5-1": 200,
    "bytes=0-0,5-9": 200,
    "bytes=-": 200,
    "bytes=\xb2-": 200,
    "chars=0-4": 200,
}


async def test_an_odd_range_gets_the_whole_file_or_is_refused(
    backend: RunningBackend, proxy: tuple[str, bytes]
) -> None:
    url, whole = proxy
    for odd, status in ODD_RANGES.items():
        answer = await backend.client.get(url, headers=[(b"Range", odd.encode("latin-1"))])
        assert (answer.status_code, odd[:20]) == (status, odd[:20])
        assert status == 416 or answer.content == whole
        assert ("content-range" in answer.headers) is (status == 206)


async def test_an_unchanged_file_is_not_sent_again(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, whole = proxy
    first = await backend.client.get(url)
    assert "immutable" in first.headers["cache-control"]
    again = await backend.client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    stale = await backend.client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (stale.status_code, stale.content) == (200, whole)


async def test_head_tells_the_size_alone(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, whole = proxy
    answer = await backend.client.head(url)
    assert (answer.headers["content-length"], answer.content) == (str(len(whole)), b"")


async def test_the_files_of_a_failed_video_are_a_problem(backend: RunningBackend, tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("words")
    video = await ingest(backend, tmp_path / "words.mp4")
    answer = await backend.client.get(f"/api/videos/{video['id']}/proxy.mp4")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":video-not-ready")


async def test_a_file_that_was_deleted_just_now_is_not_there(backend: RunningBackend, proxy: tuple[str, bytes]) -> None:
    url, _whole = proxy
    await ObjectStore(backend.settings.objects_dir).delete_under(f"v/{url.split('/')[3]}")
    answer = await backend.client.get(url)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:maskloom:problem:not-found")
