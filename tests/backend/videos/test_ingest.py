"""An uploaded file becomes a video of record, or a problem that says what is wrong with it."""

import asyncio
import json
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from backend.settings import Settings
from backend.storage.live_folder import files_in
from tests.backend.running import RunningBackend, running_backend
from tests.backend.videos.uploading import ingest, make_project, upload, wait_until_settled
from tests.clips import read_index, write_clip

NUM_FRAMES = 40
FAST_START = {"movflags": "faststart"}  # the index first, as in most files from the web


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    write_clip(path, "constant", NUM_FRAMES)
    return path


async def _proxy(backend: RunningBackend, video: dict[str, str]) -> list[av.VideoFrame]:
    content = (await backend.client.get(video["proxy_url"])).content
    with av.open(BytesIO(content)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("timing", ["constant", "variable", "b_frames_edit_list"])
async def test_frame_i_of_the_proxy_shows_frame_i_of_the_source(
    backend: RunningBackend, tmp_path: Path, timing: str
) -> None:
    path = tmp_path / f"{timing}.mp4"
    write_clip(path, timing, NUM_FRAMES)  # type: ignore[arg-type]
    video = await ingest(backend, path)
    assert video["state"] == "ready", video
    assert video["warnings"] == []
    frames = await _proxy(backend, video)
    assert [read_index(frame.to_ndarray(format="rgb24")) for frame in frames] == list(range(NUM_FRAMES))
    assert video["num_frames"] == NUM_FRAMES


async def test_the_frame_table_tells_where_each_frame_came_from(backend: RunningBackend, tmp_path: Path) -> None:
    path = tmp_path / "variable.mp4"
    write_clip(path, "variable", NUM_FRAMES)
    with av.open(str(path)) as source:
        expected = [frame.pts for frame in source.decode(video=0)]
    video = await ingest(backend, path)
    table = (await backend.client.get(f"/api/videos/{video['id']}/frames")).json()
    assert table["source_pts"] == expected
    assert len(set(table["luma_crc"])) == NUM_FRAMES
    assert table["key_frames"] == list(range(0, NUM_FRAMES, 24))


async def test_the_proxy_has_the_shape_the_browser_relies_on(backend: RunningBackend, clip: Path) -> None:
    video = await ingest(backend, clip)
    content = (await backend.client.get(video["proxy_url"])).content
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"elst" not in content
    with av.open(BytesIO(content)) as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        assert (stream.codec_context.name, stream.codec_context.profile) == ("h264", "Constrained Baseline")
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.sample_aspect_ratio in (None, 1)
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert all(packet.pts == packet.dts for packet in packets)
        rate = video["fps"]["num"] / video["fps"]["den"]
        assert [round(float(packet.pts * stream.time_base) * rate, 6) for packet in packets] == list(range(NUM_FRAMES))
        assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == list(range(0, NUM_FRAMES, 24))


async def test_poster_and_filmstrip_are_pictures_of_the_video(backend: RunningBackend, clip: Path) -> None:
    video = await ingest(backend, clip)
    poster = Image.open(BytesIO((await backend.client.get(video["poster_url"])).content))
    assert poster.size == (video["width"], video["height"])
    strip = video["filmstrip"]
    picture = Image.open(BytesIO((await backend.client.get(strip["url"])).content))
    rows = -(-len(strip["frame_indices"]) // strip["columns"])
    assert picture.size == (strip["columns"] * strip["tile_width"], rows * strip["tile_height"])
    assert strip["frame_indices"] == sorted(set(strip["frame_indices"]))


async def test_a_larger_video_is_scaled_to_the_projects_long_side(backend: RunningBackend, clip: Path) -> None:
    project = await make_project(backend, long_side=160)
    video = await ingest(backend, clip, project=project)
    assert max(video["width"], video["height"]) == 160
    frames = await _proxy(backend, video)
    assert [read_index(frame.to_ndarray(format="rgb24")) for frame in frames] == list(range(NUM_FRAMES))


NO_VIDEOS = [
    (b"", "clip.mp4 is empty."),
    (b"just words\n", "clip.mp4 is not a video but text."),
    (bytes(range(256)) * 8, "clip.mp4 is not a video of a known kind. Videos are taken as MP4, MOV, "),
    (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "clip.mp4 is not a video but a playlist."),
    (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "clip.mp4 is not a video but a playlist."),
    (b"\xff\xd8\xff\xe0" + bytes(100), "clip.mp4 is a JPEG image, not a video."),
]
"""A file's content, and how the reason begins for which it is refused."""


async def test_what_is_no_video_is_refused_with_the_reason(backend: RunningBackend, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    for content, reason in NO_VIDEOS:
        path.write_bytes(content)
        video = await ingest(backend, path)
        assert video["state"] == "failed", reason
        assert video["problem"]["detail"].startswith(reason)
        assert video["job"]["state"] == "failed", reason


async def test_nothing_of_a_refused_file_stays(backend: RunningBackend, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"RIFF0000AVI LIST but nothing that decodes")
    video = await ingest(backend, path)
    assert video["state"] == "failed"
    folder = backend.settings.data_dir
    for _attempt in range(100):
        if not (left := [str(path) for path in files_in(folder)]):
            break
        await asyncio.sleep(0.05)
    assert left == []
    assert (await backend.client.delete(f"/api/videos/{video['id']}")).status_code == 204
    assert (await backend.client.get(f"/api/videos/{video['id']}")).status_code == 404


async def test_a_cut_off_file_is_ingested_as_far_as_it_goes_and_says_so(
    backend: RunningBackend, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.mp4"
    write_clip(tmp_path / "plain.mp4", "constant", NUM_FRAMES)
    with av.open(str(tmp_path / "plain.mp4")) as source, av.open(str(whole), "w", options=FAST_START) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    video = await ingest(backend, cut)
    assert video["state"] == "ready", video["problem"]
    assert 0 < video["num_frames"] < NUM_FRAMES
    told = f"cut.mp4 is truncated: {video['num_frames']} of {NUM_FRAMES} frames decoded."
    assert video["warnings"] == [told]


async def test_a_file_without_its_index_says_that_it_cannot_be_opened(backend: RunningBackend, clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[:2000])  # the index of this one comes last
    video = await ingest(backend, clip)
    assert video["state"] == "failed"
    assert video["problem"]["detail"].startswith("clip.mp4 cannot be opened: ")
    assert video["problem"]["detail"].endswith("upload another copy.")


async def test_deleting_a_video_deletes_its_files(backend: RunningBackend, clip: Path) -> None:
    video = await ingest(backend, clip)
    objects = backend.settings.objects_dir
    assert any(files_in(objects))
    await backend.client.delete(f"/api/videos/{video['id']}")
    for _attempt in range(100):
        if not (left := list(files_in(objects))):
            break
        await asyncio.sleep(0.05)
    assert left == []


async def test_a_video_deleted_while_it_is_ingested_leaves_nothing(backend: RunningBackend, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_clip(path, "constant", 600)
    video = await upload(backend, path)
    await asyncio.sleep(0.5)
    assert (await backend.client.delete(f"/api/videos/{video['id']}")).status_code == 204
    folder = backend.settings.data_dir
    for _attempt in range(200):
        if not (left := list(files_in(folder))):
            break
        await asyncio.sleep(0.05)
    assert left == []


async def test_progress_is_counted_in_frames(backend: RunningBackend, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    write_clip(path, "constant", 600)
    video = await upload(backend, path)
    seen: list[tuple[int, int, float | None]] = []
    while (video := (await backend.client.get(f"/api/videos/{video['id']}")).json())["state"] == "ingesting":
        job = video["job"]
        seen.append((job["done"], job["total"], job["eta_seconds"]))
        await asyncio.sleep(0.1)
    counted = [done for done, _total, _eta in seen]
    assert counted == sorted(counted)
    assert any(0 < done < total == 600 and eta is not None for done, total, eta in seen), json.dumps(seen)
    assert (video["job"]["done"], video["job"]["state"]) == (600, "done")


async def test_the_name_is_a_label_and_never_a_path(backend: RunningBackend, clip: Path) -> None:
    video = await wait_until_settled(backend, (await upload(backend, clip, name="../../etc/\x07pass wd.mp4"))["id"])
    assert video["name"] == "pass wd.mp4"
    assert video["state"] == "ready"


async def disk_use(backend: RunningBackend, video: dict[str, str]) -> dict[str, int]:
    answer = await backend.client.get(f"/api/projects/{video['project_id']}/disk-use")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def stored_names(backend: RunningBackend, video: dict[str, str]) -> set[str]:
    folder = backend.settings.objects_dir / "v" / video["id"]
    return {path.name for path in files_in(folder)}


async def test_the_uploaded_file_goes_once_there_is_a_video_of_record(backend: RunningBackend, clip: Path) -> None:
    waiting = await upload(backend, clip)
    video = await wait_until_settled(backend, waiting["id"])
    assert video["state"] == "ready", video
    for _ in range(50):  # it goes after the commit that makes the video ready
        if "source" not in (names := stored_names(backend, video)):
            break
        await asyncio.sleep(0.1)
    assert names == {"proxy.mp4", "poster.jpg", "filmstrip.jpg", "frames.json"}
    assert len(await _proxy(backend, video)) == NUM_FRAMES
    folder = backend.settings.objects_dir / "v" / video["id"]
    sizes = sum(path.stat().st_size for path in files_in(folder))
    assert await disk_use(backend, video) == {"videos": sizes, "uploads": 0, "exports": 0, "masks": 0}


async def test_an_administrator_can_have_uploaded_files_kept(database_url: str, data_dir: Path, clip: Path) -> None:
    settings = Settings(database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", keep_uploads=True)
    async with running_backend(settings) as backend:
        video = await ingest(backend, clip)
        assert "source" in stored_names(backend, video)
        assert (await disk_use(backend, video))["uploads"] == clip.stat().st_size
