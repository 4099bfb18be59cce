"""Interactive segmentation of single frames: IoU after a number of clicks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from model_server.evaluation.vos import decided, iou, prompt_frame
from model_server.segmenter import FrameSource, Mask, VideoSegmenter


def frame_ious(
    model: VideoSegmenter,
    source: FrameSource,
    truths: Mapping[int, Mask],
    prompting: str,
    *,
    every: int,
    void: Mapping[int, Mask] = MappingProxyType({}),
) -> list[float]:
    """IoU (0..1) of one object on every `every`-th annotated frame that shows it, each prompted from scratch.

    `truths` are (H, W) masks by frame index; `prompting` is "box" or "clicks:N". Pixels of `void` do not count.
    """
    session = model.open(source)
    visible = [frame for frame in sorted(truths) if truths[frame].any()][::every]
    ious: list[float] = []
    for frame_index in visible:
        _, result = prompt_frame(session, f"frame {frame_index}", frame_index, truths[frame_index], prompting)
        ious.append(iou(truths[frame_index], decided(result.mask, void.get(frame_index))))
        session.forget_object(f"frame {frame_index}")
    return ious
