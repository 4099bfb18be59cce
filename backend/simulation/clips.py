"""What simulated annotators work on: videos with the truth about their objects."""

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
_COVERS = 128  # alpha from which a pixel belongs to what was drawn there


class NoClips(Exception):
    """Nothing to work on; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class StudyClip:
    """A video, and every object's truth on every frame it is known for: (height, width) of the file."""

    name: str
    video: Path
    truths: Mapping[str, Mapping[int, Mask]]

    def objects(self, num_frames: int, *, height: int, width: int) -> Iterator[tuple[str, Truths]]:
        """Objects that show within the first frames, on the annotation grid, in pixels of the video of record.

        Raises:
            NoClips: the truth is of another size than the video.
        """
        for name, masks in self.truths.items():
            grid = [index for index in sorted(masks) if index < num_frames and index % STRIDE == 0]
            truths = span([(index, self._fitted(masks[index], height, width)) for index in grid])
            if truths:
                yield name, truths

    def _fitted(self, mask: Mask, height: int, width: int) -> Mask:
        """A video of odd size gets one more line at its edge."""
        below, beside = height - mask.shape[0], width - mask.shape[1]
        if not (0 <= below <= 1 and 0 <= beside <= 1):
            size = f"{mask.shape[1]} x {mask.shape[0]}"
            raise NoClips(f"The truth of {self.name} is {size}, its video of record {width} x {height}.")
        return np.pad(mask, ((0, below), (0, beside)))


def clips_in(folder: Path) -> list[StudyClip]:
    """Clips as `maskloom evaluate` takes them: the one the folder is, or those it holds, in order of their names.

    Raises:
        NoClips
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
    """The sample clip with the truth it was drawn from, written to the folder."""
    video = folder / "meadow.mp4"
    write_clip(video)
    yield StudyClip("meadow", video, drawn_truths())
    video.unlink()


def drawn_truths() -> dict[str, dict[int, Mask]]:
    """What is visible of each moving thing of the sample clip, on the annotation grid."""
    movers = [thing.name for thing in THINGS if thing.name[0].isupper()]  # what stands around has a small letter
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
    """As `backend.sample.clip` places a sprite: centred, and cut at the picture's edge."""
    height, width = shape.shape
    left, top = round(centre[0] - width / 2), round(centre[1] - height / 2)
    rows = slice(max(top, 0), max(min(top + height, picture.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + width, picture.shape[1]), 0))
    inside = shape[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    picture[rows, columns][inside] = value
