"""Frames by index, in any order, within a cap of memory."""

import os
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from model_server.video.location import OutsideDataDirectory, resolve_inside
from model_server.video.reader import FrameReader, UnreadableVideo
from tests.clips import HEIGHT, WIDTH, draw_frame, read_index, write_clip
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 60
FRAME_BYTES = WIDTH * HEIGHT * 3 // 2


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_proxy(tmp_path_factory.mktemp("proxy") / "proxy.mp4", NUM_FRAMES)


def test_the_reader_knows_the_videos_measures(proxy: Path):
    reader = FrameReader(proxy)
    assert (reader.num_frames, reader.height, reader.width) == (NUM_FRAMES, HEIGHT, WIDTH)


@pytest.mark.parametrize("max_cached_bytes", [0, 5 * FRAME_BYTES, 128 * 2**20])
def test_every_frame_in_random_order_shows_its_own_index(proxy: Path, max_cached_bytes: int):
    reader = FrameReader(proxy, max_cached_bytes=max_cached_bytes)
    order = np.random.default_rng(3).permutation(np.repeat(np.arange(NUM_FRAMES), 2))
    assert [read_index(reader.rgb(int(index))) for index in order] == order.tolist()


@pytest.mark.parametrize("step", [1, -1])
def test_walking_through_the_video_shows_every_index(proxy: Path, step: int):
    reader = FrameReader(proxy)
    order = list(range(NUM_FRAMES))[::step]
    assert [read_index(reader.rgb(index)) for index in order] == order


def test_walking_backward_decodes_each_frame_once(proxy: Path, monkeypatch: pytest.MonkeyPatch):
    reader = FrameReader(proxy)
    seeks: list[int] = []
    seek = reader._seek
    monkeypatch.setattr(reader, "_seek", lambda index: (seeks.append(index), seek(index)))
    for index in reversed(range(NUM_FRAMES)):
        reader.rgb(index)
    assert seeks == [59, 47, 23]


def test_a_frame_decoded_after_a_seek_equals_the_one_decoded_in_order(proxy: Path):
    in_order, jumping = FrameReader(proxy), FrameReader(proxy, max_cached_bytes=0)
    frames = [in_order.rgb(index) for index in range(NUM_FRAMES)]
    for index in (59, 0, 25, 24, 23, 48, 47):
        np.testing.assert_array_equal(jumping.rgb(index), frames[index])


@pytest.mark.parametrize("timing", ["variable", "b_frames_edit_list"])
def test_frames_of_other_timings_are_still_addressed_by_index(tmp_path: Path, timing: str):
    reader = FrameReader(write_clip(tmp_path / "clip.mp4", timing, 40))
    order = np.random.default_rng(5).permutation(40)
    assert [read_index(reader.rgb(int(index))) for index in order] == order.tolist()


def test_colours_are_those_that_were_encoded_as_bt709(tmp_path: Path):
    path = tmp_path / "red.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        # BT.709 limited range of RGB (200, 40, 30), computed by hand: Y = 79.0, Cb = 107.5, Cr = 198.7.
        planes = [np.full((64, 64), 79), np.full((32, 32), 107), np.full((32, 32), 199)]
        pixels = np.concatenate([plane.reshape(-1, 64) for plane in planes]).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, frame.time_base = 0, Fraction(1, 24)
        frame.colorspace, frame.color_range = 1, 1
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    colour = FrameReader(path).rgb(0).reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(colour, (200, 40, 30), atol=2.5)


def test_decoded_frames_stay_under_the_byte_cap(proxy: Path):
    reader = FrameReader(proxy, max_cached_bytes=6 * FRAME_BYTES)
    for index in range(NUM_FRAMES):
        reader.rgb(index)
        assert reader.cached_bytes() <= 6 * FRAME_BYTES


def test_two_threads_read_the_right_frames(proxy: Path):
    reader = FrameReader(proxy, max_cached_bytes=4 * FRAME_BYTES)
    wrong: list[int] = []

    def read(seed: int) -> None:
        for index in np.random.default_rng(seed).integers(0, NUM_FRAMES, 60):
            if read_index(reader.rgb(int(index))) != index:
                wrong.append(int(index))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("index", [-1, NUM_FRAMES])
def test_a_frame_outside_the_video_is_refused(proxy: Path, index: int):
    with pytest.raises(ValueError, match="outside a video of 60 frames"):
        FrameReader(proxy).rgb(index)


def test_a_file_that_is_no_video_is_unreadable(tmp_path: Path):
    (tmp_path / "noise.mp4").write_bytes(os.urandom(4096))
    with pytest.raises(UnreadableVideo, match=r"noise\.mp4"):
        FrameReader(tmp_path / "noise.mp4")


def test_a_missing_file_is_unreadable(tmp_path: Path):
    with pytest.raises(UnreadableVideo, match=r"gone\.mp4"):
        FrameReader(tmp_path / "gone.mp4")


def test_a_playlist_that_names_another_file_is_refused_unread(tmp_path: Path, proxy: Path):
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{proxy}\n#EXT-X-ENDLIST\n")
    with pytest.raises(UnreadableVideo):
        FrameReader(playlist)


def test_of_a_video_cut_off_in_the_middle_the_whole_frames_are_read(tmp_path: Path, proxy: Path):
    whole = proxy.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    reader = FrameReader(tmp_path / "cut.mp4")
    assert 20 < reader.num_frames < NUM_FRAMES
    last_whole = reader.num_frames - 2
    assert read_index(reader.rgb(last_whole)) == last_whole


def test_a_path_in_the_data_directory_resolves(tmp_path: Path):
    assert resolve_inside(tmp_path, "objects/a.mp4") == tmp_path.resolve() / "objects/a.mp4"
    assert resolve_inside(tmp_path, str(tmp_path / "a.mp4")) == tmp_path.resolve() / "a.mp4"


@pytest.mark.parametrize("path", ["../a.mp4", "/etc/passwd", "objects/../../a.mp4", "a\0b"])
def test_a_path_that_leaves_the_data_directory_is_refused(tmp_path: Path, path: str):
    with pytest.raises(OutsideDataDirectory):
        resolve_inside(tmp_path / "data", path)


def test_a_link_that_leaves_the_data_directory_is_refused(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret.mp4").write_bytes(b"")
    (data / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    with pytest.raises(OutsideDataDirectory):
        resolve_inside(data, "link.mp4")


def test_pixels_survive_the_round_trip(proxy: Path):
    difference = FrameReader(proxy).rgb(7).astype(int) - draw_frame(7).rgb
    assert np.abs(difference).mean() < 4


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_only_the_codec_of_a_video_of_record_is_decoded(tmp_path: Path, codec: str):
    """A decoder that was taken over wrote the proxy, and chose the decoder to attack next."""
    with av.open(str(tmp_path / "proxy.mp4"), "w") as output:
        stream = output.add_stream(codec, rate=24, width=WIDTH, height=HEIGHT)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for index in range(3):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")))
        output.mux(stream.encode(None))
    with pytest.raises(UnreadableVideo, match=r"proxy\.mp4 is no video of record"):
        FrameReader(tmp_path / "proxy.mp4")
