"""A folder of images as a video, one file per frame."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from model_server.video.reader import UnreadableVideo
from model_server.video.still_picture import as_rgb

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


class FrameFolder:
    """A FrameSource. Frame i is the i-th image by the numbers in the file names: 2.jpg comes before 10.jpg."""

    def __init__(self, folder: Path) -> None:
        """UnreadableVideo if there is no image, or if the first one is broken."""
        pictures = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        self._paths = sorted((path for path in pictures if not path.name.startswith(".")), key=_numbers_as_numbers)
        if not self._paths:
            raise UnreadableVideo(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))})")
        self.num_frames = len(self._paths)
        self.height, self.width = self._read(0).shape[:2]

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 RGB. ValueError outside the video, UnreadableVideo for an image broken or of another size."""
        if not 0 <= frame_index < self.num_frames:
            raise ValueError(f"frame {frame_index} is outside a video of {self.num_frames} frames")
        picture = self._read(frame_index)
        if picture.shape[:2] != (self.height, self.width):
            height, width = picture.shape[:2]
            name = self._paths[frame_index].name
            raise UnreadableVideo(f"{name} is {width}x{height}, the first picture {self.width}x{self.height}")
        return picture

    def _read(self, frame_index: int) -> NDArray[np.uint8]:
        path = self._paths[frame_index]
        try:
            with Image.open(path) as picture:
                return np.asarray(as_rgb(picture))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise UnreadableVideo(f"{path.name} is not a picture that can be read: {error}") from error


def _numbers_as_numbers(path: Path) -> list[tuple[int, int, str]]:
    pieces = re.split(r"(\d+)", path.stem)
    return [(0, int(piece), piece) if piece.isdigit() else (1, 0, piece) for piece in pieces if piece]
