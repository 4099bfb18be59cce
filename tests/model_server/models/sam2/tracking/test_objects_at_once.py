"""How many objects a pass over a frame takes."""

import torch

from model_server.models.loom.config import BUILTIN_CONFIG
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.tracking.options import OBJECTS_AT_ONCE, objects_at_once

TINY = PRESETS["sam2.1_hiera_tiny"]


def test_a_processor_takes_as_many_objects_as_its_cache_holds() -> None:
    processor = torch.device("cpu")
    assert objects_at_once(BUILTIN_CONFIG, processor) == OBJECTS_AT_ONCE
    assert objects_at_once(TINY, processor) == 1  # 1024 px: 32 MiB an object


def test_a_gpu_takes_them_together() -> None:
    assert objects_at_once(TINY, torch.device("cuda")) == OBJECTS_AT_ONCE
