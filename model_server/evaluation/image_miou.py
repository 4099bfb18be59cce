"""Interactive segmentation of single frames: IoU after a number of clicks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from model_server.evaluation.vos import judged, prompt_frame
from model_server.masks.judged import Judged
from model_server.segmenter import FrameSource, Mask, VideoSegmenter


def clicked_frames(
    model: VideoSegmenter,
    source: FrameSource,
    truths: Mapping[int, Mask],
    prompting: str,
    *,
    every: int,
    void: Mapping[int, Mask] = MappingProxyType({}),
) -> list[Judged]:
    """IoU of one object on every `every`-th annotated frame that shows it, each prompted from scratch.

    `truths` are (H, W) masks by frame index; `prompting` is "box" or "clicks:N". Pixels of `void` do not count.
    """
    session = model.open(source)
    visible = [frame for frame in sorted(truths) if truths[frame].any()][::every]
    frames: list[Judged] = []
    for frame_index in visible:
        _, result = prompt_frame(session, f"frame {frame_index}", frame_index, truths[frame_index], prompting)
        frames.append(judged(result, truths[frame_index], void.get(frame_index)))
        session.forget_object(f"frame {frame_index}")
    return frames
