"""Stills of a video of record are its own frames at full size, decoded in the cage."""

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from backend.settings import Settings
from backend.videos.media.protocol import Stills
from backend.videos.media_process import write_stills
from backend.videos.problems import UnusableVideo
from tests.clips import HEIGHT, WIDTH, draw_frame, read_index
from tests.model_server.video.proxies import write_proxy


async def seen(_done: int, _total: int, _pace: float | None) -> None:
    """Nobody waits for the progress."""


async def test_stills_show_the_frames_that_they_are_named_after(tmp_path: Path) -> None:
    proxy, folder = write_proxy(tmp_path / "proxy.mp4", 12), tmp_path / "stills"
    folder.mkdir()
    wanted = Stills(stride=5, num_frames=12)
    stills = await write_stills(proxy, folder, wanted, settings=Settings(), on_progress=seen)
    assert {frame: path.name for frame, path in stills.items()} == {
        0: "00000.jpg",
        5: "00005.jpg",
        10: "00010.jpg",
    }
    assert sorted(folder.iterdir()) == sorted(stills.values())
    for frame, path in stills.items():
        with Image.open(path) as picture:
            assert picture.size == (WIDTH, HEIGHT)
            shown = np.array(picture)
        assert read_index(shown) == frame
        assert np.abs(shown.astype(int) - draw_frame(frame).rgb).mean() < 4


async def test_png_stills_are_the_frames_as_they_are_decoded(tmp_path: Path) -> None:
    proxy, folder = write_proxy(tmp_path / "proxy.mp4", 6), tmp_path / "stills"
    folder.mkdir()
    wanted = Stills(stride=5, num_frames=6, picture="png")
    stills = await write_stills(proxy, folder, wanted, settings=Settings(), on_progress=seen)
    assert [path.name for path in stills.values()] == ["00000.png", "00005.png"]
    with av.open(str(proxy)) as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for frame, path in stills.items():
        with Image.open(path) as picture:
            assert np.array_equal(np.array(picture), decoded[frame])


async def test_a_video_of_other_length_than_was_stored_is_refused(tmp_path: Path) -> None:
    proxy = write_proxy(tmp_path / "proxy.mp4", 12)
    with pytest.raises(UnusableVideo, match="has 12 of its 13 frames"):
        await write_stills(proxy, tmp_path, Stills(stride=4, num_frames=13), settings=Settings(), on_progress=seen)
