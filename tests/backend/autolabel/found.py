"""What a search would find, without a search."""

import numpy as np

from model_server.contract.masks import EncodedMask
from model_server.contract.search import FoundMask
from tests.backend.workplace import encoded


def found(mask: np.ndarray) -> FoundMask:
    """An (H, W) mask as the model server tells of one, with scores that pass."""
    return FoundMask(
        t="mask",
        mask=EncodedMask.model_validate(encoded(mask)),
        area=int(mask.sum()),
        box=(0, 0, 1, 1),
        point=(0.0, 0.0),
        predicted_iou=0.9,
        stability=0.95,
        model_version="0" * 12,
    )
