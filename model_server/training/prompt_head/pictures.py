"""Pictures of objects to ask for, as `model_server.footage.composites` draws them.

Shapes: S pixels of a square picture, K objects of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_server.training.parts.seen_folder import SeenFolder

LEAST_PIXELS = 40
"""Objects of which less is to be seen are not asked for."""


class PictureFolder(SeenFolder):
    """The pictures of a folder that show an object of LEAST_PIXELS."""

    def is_asked_for(self, objects: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(K, S, S) objects -> (K,)."""
        return objects.sum(axis=(1, 2)) >= LEAST_PIXELS
