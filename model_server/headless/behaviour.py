"""A segmenter made to follow the released predictor where ours deliberately differs from it."""

from __future__ import annotations

import sys
from dataclasses import replace

from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.tracking.session import REFERENCE_BEHAVIOUR
from model_server.segmenter import VideoSegmenter


def as_reference(segmenter: VideoSegmenter) -> VideoSegmenter:
    """The same network under the released predictor's rules and with its post-processing, in float32.

    Tracked frames are all kept, since the predictor lets a correction look back at any of them. ValueError for models
    that have no released predictor.
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
