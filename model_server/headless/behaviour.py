"""A segmenter that follows the released predictor where our own would do better."""

from __future__ import annotations

import sys
from dataclasses import replace

from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.tracking.session import REFERENCE_BEHAVIOUR
from model_server.segmenter import VideoSegmenter


def as_reference(segmenter: VideoSegmenter) -> VideoSegmenter:
    """The same network under the released predictor's rules, with its post-processing. ValueError for other models.

    In float32, as it runs unless it is told otherwise, and keeping everything: a correction may look back at any frame.
    """
    if not isinstance(segmenter, Sam2Segmenter):
        raise ValueError(f"{segmenter.info.name} has no released predictor to behave like")
    options = replace(
        segmenter.options,
        behaviour=REFERENCE_BEHAVIOUR,
        rules=replace(segmenter.options.rules, max_conditioning=None),
        stability_fallback=True,
        binarise_prompted=True,
        tracked_bytes_per_object=sys.maxsize,
        autocast=None,
    )
    return replace(segmenter, info=replace(segmenter.info, precision="float32"), options=options)
