"""Any video as frames by index, in the geometry in which it is shown."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from model_server.video.reader import FrameReader, UnreadableVideo
from model_server.video.source import opened
from tests import field_clips
from tests.clips import HEIGHT, WIDTH, draw_frame, read_index, write_clip
from tests.field_clips import combing, hevc_fields, interlaced, two_moments
from tests.graded_clip import assert_drawn_colors, graded
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 30


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_proxy(tmp_path_factory.mktemp("proxy") / "proxy.mp4", NUM_FRAMES)


def remuxed(proxy: Path, target: Path, container: str) -> Path:
    """The same packets in another container."""
    with av.open(str(proxy)) as source, av.open(str(target), "w", format=container) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return target


def turned(proxy: Path, target: Path, degrees: int) -> Path:
    """The same pictures with a display matrix that turns them."""
    with av.open(str(proxy)) as source, av.open(str(target), "w", format="mp4") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(degrees)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return target


@pytest.mark.parametrize("timing", ["constant", "variable", "b_frames_edit_list"])
def test_frames_come_by_index_whatever_the_timing(tmp_path: Path, timing: str):
    with opened(write_clip(tmp_path / "clip.mp4", timing, NUM_FRAMES)) as frames:
        assert (frames.num_frames, frames.height, frames.width) == (NUM_FRAMES, HEIGHT, WIDTH)
        order = np.random.default_rng(3).permutation(NUM_FRAMES)
        assert [read_index(frames.rgb(int(index))) for index in order] == order.tolist()


@pytest.mark.parametrize(("name", "container"), [("a.mkv", "matroska"), ("a.ts", "mpegts")])
def test_another_container_gives_the_very_same_pixels(tmp_path: Path, proxy: Path, name: str, container: str):
    with opened(proxy) as expected, opened(remuxed(proxy, tmp_path / name, container)) as frames:
        assert frames.num_frames == NUM_FRAMES
        for index in (29, 0, 24, 23, 11):
            np.testing.assert_array_equal(frames.rgb(index), expected.rgb(index))


def test_a_file_without_an_index_gives_the_pixels_its_decoder_gives(tmp_path: Path):
    with av.open(str(tmp_path / "old.avi"), "w") as output:
        stream = output.add_stream("mpeg4", rate=24, options={"qscale": "2", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(NUM_FRAMES):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")))
        output.mux(stream.encode(None))
    with av.open(str(tmp_path / "old.avi")) as container:
        expected = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with opened(tmp_path / "old.avi") as frames:
        assert frames.num_frames == NUM_FRAMES
        for index in (29, 0, 13):
            np.testing.assert_array_equal(frames.rgb(index), expected[index])


@pytest.mark.parametrize(("degrees", "quarter_turns"), [(90, 1), (180, 2), (-90, 3)])
def test_a_turned_video_is_shown_upright(tmp_path: Path, proxy: Path, degrees: int, quarter_turns: int):
    path = turned(proxy, tmp_path / "turned.mp4", degrees)
    stored = FrameReader(path).rgb(7)
    for skip_damaged in (False, True):
        with opened(path, skip_damaged=skip_damaged) as frames:
            expected = np.rot90(stored, quarter_turns)
            assert (frames.height, frames.width) == expected.shape[:2]
            np.testing.assert_array_equal(frames.rgb(7), expected)


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path):
    with av.open(str(tmp_path / "wide.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
    with opened(tmp_path / "wide.mp4") as frames:
        assert (frames.height, frames.width) == (48, 86)
        assert frames.rgb(0).shape == (48, 86, 3)


def test_damaged_frames_are_left_out_only_on_request(tmp_path: Path, proxy: Path):
    broken = bytearray(proxy.read_bytes())
    with av.open(str(proxy)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][20]
    broken[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    (tmp_path / "broken.mp4").write_bytes(broken)
    with opened(tmp_path / "broken.mp4") as frames, pytest.raises(UnreadableVideo, match="frame 20"):
        [frames.rgb(index) for index in range(frames.num_frames)]
    with opened(tmp_path / "broken.mp4", skip_damaged=True) as frames:
        shown = [read_index(frames.rgb(index)) for index in range(frames.num_frames)]
    assert shown[:20] == list(range(20))
    assert 20 not in shown


def test_a_folder_of_pictures_is_a_video_in_the_order_of_its_numbers(tmp_path: Path):
    for index in (10, 9, 2, 100):
        Image.fromarray(draw_frame(index).rgb).save(tmp_path / f"{index}.png")
    (tmp_path / "notes.txt").write_text("not a frame")
    with opened(tmp_path) as frames:
        assert [read_index(frames.rgb(index)) for index in range(frames.num_frames)] == [2, 9, 10, 100]
        np.testing.assert_array_equal(frames.rgb(1), draw_frame(9).rgb)


def test_a_picture_of_another_size_is_named(tmp_path: Path):
    Image.new("RGB", (64, 48)).save(tmp_path / "0.png")
    Image.new("RGB", (64, 50)).save(tmp_path / "1.png")
    with opened(tmp_path) as frames, pytest.raises(UnreadableVideo, match=r"1\.png is 64x50, the first picture 64x48"):
        frames.rgb(1)


@pytest.mark.parametrize("contents", [b"", b"not a video at all", b"\xff\xd8\xff\xe0" + bytes(500)])
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, contents: bytes):
    (tmp_path / "x.mp4").write_bytes(contents)
    with pytest.raises(UnreadableVideo, match=r"x\.mp4"), opened(tmp_path / "x.mp4"):
        pass


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path: Path):
    with pytest.raises(UnreadableVideo, match="holds no pictures"), opened(tmp_path):
        pass
    with pytest.raises(FileNotFoundError), opened(tmp_path / "gone.mp4"):
        pass


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_pictures_are_scaled_to_8_bits(tmp_path: Path, suffix: str):
    ramp = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    Image.fromarray(ramp).save(tmp_path / f"0{suffix}")
    with opened(tmp_path) as frames:
        picture = frames.rgb(0)
    assert np.abs(picture.astype(float) - (ramp / 257)[..., None]).max() <= 0.5
    assert (picture[..., 0] == picture[..., 2]).all()


def test_samples_of_unknown_range_are_refused(tmp_path: Path):
    Image.fromarray(np.ones((8, 8), np.float32)).save(tmp_path / "0.tif")
    with pytest.raises(UnreadableVideo, match="floating-point"), opened(tmp_path):
        pass


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_pictures_of_every_mode_keep_their_brightness(tmp_path: Path, mode: str):
    grey = np.zeros((16, 16, 3), np.uint8)
    grey[:, 8:] = 255
    Image.fromarray(grey).convert(mode).save(tmp_path / "0.tif")
    with opened(tmp_path) as frames:
        assert np.array_equal(frames.rgb(0), grey)


@pytest.mark.parametrize(
    ("name", "muxer", "encoder", "options"),
    [
        ("upper first.mp4", "mp4", "libx264", {"x264-params": "tff=1"}),
        ("b frames.mkv", "matroska", "libx264", {"x264-params": "bff=1", "bf": "3"}),
        ("mpeg-2.mxf", "mxf", "mpeg2video", {}),
    ],
)
def test_interlaced_frames_are_whole_pictures_one_for_one(
    tmp_path: Path, name: str, muxer: str, encoder: str, options: dict[str, str]
):
    assert_whole(interlaced(tmp_path / name, muxer, encoder, **options))


@pytest.mark.parametrize(("name", "muxer"), [("fields.ts", "mpegts"), ("fields.mkv", "matroska")])
def test_fields_that_are_pictures_of_their_own_are_joined(tmp_path: Path, name: str, muxer: str):
    assert_whole(hevc_fields(tmp_path / name, upper_first=True, muxer=muxer))


def assert_whole(path: Path) -> None:
    with opened(path) as frames:
        assert (frames.num_frames, frames.height, frames.width) == (field_clips.NUM_FRAMES, HEIGHT, WIDTH)
        pictures = [frames.rgb(index) for index in range(frames.num_frames)]
    assert [read_index(picture) for picture in pictures] == list(range(field_clips.NUM_FRAMES))
    mixed = [combing(two_moments(index)) for index in range(field_clips.NUM_FRAMES)]
    assert np.mean([combing(picture) for picture in pictures]) < 0.5 * np.mean(mixed)


@pytest.mark.parametrize("num_progressive", [1, 30])
def test_fields_that_begin_later_are_found(tmp_path: Path, num_progressive: int):
    """As where a program was cut together from two sources."""
    path = tmp_path / "spliced.mkv"
    fields = interlaced(tmp_path / "fields.mkv", "matroska", "mpeg2video", g="6")
    whole = write_mpeg_2(tmp_path / "whole.mkv", num_progressive)
    with av.open(str(path), "w", format="matroska") as output:
        splice(output, [whole, fields])
    with opened(path) as frames:
        last = [frames.rgb(index) for index in range(frames.num_frames - 12, frames.num_frames)]
    assert np.mean([combing(picture) for picture in last]) < 0.5 * np.mean(
        [combing(two_moments(index)) for index in range(19, 31)]
    )


def write_mpeg_2(path: Path, num_frames: int) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg2video", rate=field_clips.RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 8_000_000
        for index in range(num_frames):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(draw_frame(index).rgb, format="rgb24")))
        output.mux(stream.encode(None))
    return path


def splice(output: av.container.OutputContainer, parts: list[Path]) -> None:
    """The packets of one after those of the other."""
    begin, stream = 0, None
    for part in parts:
        with av.open(str(part)) as source:
            stream = stream or output.add_stream_from_template(source.streams.video[0])
            packets = [packet for packet in source.demux(video=0) if packet.size]
            for packet in packets:
                packet.pts, packet.dts, packet.stream = packet.pts + begin, packet.dts + begin, stream
                output.mux(packet)
            begin += len(packets) * 34


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_high_dynamic_range_is_shown_in_standard_range(tmp_path: Path, transfer: str):
    with opened(graded(tmp_path / "graded.mkv", transfer)) as frames:
        assert_drawn_colors(frames.rgb(1))
