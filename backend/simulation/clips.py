"""The clips that simulated annotators work on: videos with the ground truth of their objects."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.sample.clip import write_clip
from backend.sample.scene import HEIGHT, NUM_FRAMES, THINGS, WIDTH
from backend.simulation.masklet import Mask
from backend.simulation.protocols import Truths, span
from model_server.evaluation.clip_folder import read_clip
from model_server.evaluation.sa_v_clip import MANUAL, read_sa_v, video_of

STRIDE = 4
_COVERS = 128  # the lowest alpha at which a pixel belongs to a thing


class NoClips(Exception):
    """There is nothing to work on; the message tells what was looked for."""


@dataclass(frozen=True, slots=True)
class StudyClip:
    """A video, and the true masks of its objects by name and frame index, in the file's (height, width)."""

    name: str
    video: Path
    truths: Mapping[str, Mapping[int, Mask]]

    def objects(self, num_frames: int, *, height: int, width: int) -> Iterator[tuple[str, Truths]]:
        """Objects that are visible in the first frames, with their masks on the annotation grid.

        Masks are in pixels of the video of record.

        Raises:
            NoClips: the true masks differ in size from the video.
        """
        for name, masks in self.truths.items():
            grid = [index for index in sorted(masks) if index < num_frames and index % STRIDE == 0]
            truths = span([(index, self._fitted(masks[index], height, width)) for index in grid])
            if truths:
                yield name, truths

    def _fitted(self, mask: Mask, height: int, width: int) -> Mask:
        """Pad a mask by one line at an edge, as the ingest of a video of odd size does."""
        below, beside = height - mask.shape[0], width - mask.shape[1]
        if not (0 <= below <= 1 and 0 <= beside <= 1):
            size = f"{mask.shape[1]} x {mask.shape[0]}"
            raise NoClips(f"The truth of {self.name} is {size}, its video of record {width} x {height}.")
        return np.pad(mask, ((0, below), (0, beside)))


def clips_in(folder: Path) -> list[StudyClip]:
    """Find clips as `maskloom evaluate` does: the folder itself, or those in it, by name.

    Raises:
        NoClips: there are none, or one cannot be read.
    """
    if not folder.is_dir():
        raise NoClips(f"{folder} is no folder.")
    annotated = [path for path in sorted(folder.glob(f"*{MANUAL}")) if video_of(path).is_file()]
    folders = [path for path in (folder, *sorted(folder.iterdir())) if (path / "video.mp4").is_file()]
    try:
        found = [*map(read_sa_v, annotated), *map(read_clip, folders)]
    except (FileNotFoundError, ValueError) as error:
        raise NoClips(str(error)) from error
    if not found:
        raise NoClips(f"{folder} holds no clip: VIDEO.mp4 with VIDEO{MANUAL}, or a folder with video.mp4 and masks/.")
    return [StudyClip(clip.name, clip.video, clip.truths) for clip in found]


@contextmanager
def drawn_clip(folder: Path) -> Generator[StudyClip]:
    """The sample clip with its ground truth, written to the folder while the block lasts."""
    video = folder / "meadow.mp4"
    write_clip(video)
    yield StudyClip("meadow", video, drawn_truths())
    video.unlink()


def drawn_truths() -> dict[str, dict[int, Mask]]:
    """The visible part of each moving thing of the sample clip, on the annotation grid."""
    movers = [thing.name for thing in THINGS if thing.name[0].isupper()]  # names of still things are in lower case
    truths: dict[str, dict[int, Mask]] = {name: {} for name in movers}
    for index in range(0, NUM_FRAMES, STRIDE):
        nearest = np.full((HEIGHT, WIDTH), -1)
        for number, thing in enumerate(THINGS):
            sprite = thing.sprite(index)
            x, y = thing.at(index)
            _stamp(nearest, np.asarray(sprite.getchannel("A")) >= _COVERS, (x, y), number)
        for number, thing in enumerate(THINGS):
            if thing.name in truths:
                truths[thing.name][index] = nearest == number
    return truths


def _stamp(picture: np.ndarray, shape: Mask, centre: tuple[float, float], value: int) -> None:
    """Place a shape as `backend.sample.clip` places a sprite: centred, and cropped at the picture's edges."""
    height, width = shape.shape
    left, top = round(centre[0] - width / 2), round(centre[1] - height / 2)
    rows = slice(max(top, 0), max(min(top + height, picture.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + width, picture.shape[1]), 0))
    inside = shape[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    picture[rows, columns][inside] = value
