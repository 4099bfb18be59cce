"""Corrections of tracked frames: what a mask that was carried there is worth, and what each click on it adds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from model_server.evaluation.clicks import next_click
from model_server.evaluation.vos import decided, first_visible, judged
from model_server.masks.judged import Judged
from model_server.masks.packed_mask import PackedMask
from model_server.segmenter import Click, FramePrompt, FrameSource, Mask, StoredFrame, VideoSegmenter

_TRACKED, _CORRECTED = "tracked", "corrected"


def corrected_frames(
    model: VideoSegmenter,
    source: FrameSource,
    truths: Mapping[int, Mask],
    *,
    every: int,
    clicks: int,
    void: Mapping[int, Mask] = MappingProxyType({}),
) -> list[list[Judged]]:
    """Track one object from its true mask; correct every `every`-th annotated frame that shows it, each by itself.

    For each such frame the carried mask, and the mask after 1 to `clicks` clicks, each at the largest error of the mask
    before; once nothing is wrong it stays. `truths` are (H, W) masks by frame index; pixels of `void` do not count.
    ValueError if the object is never visible.
    """
    start = first_visible(truths)
    visible = [frame for frame in sorted(truths) if frame > start and truths[frame].any()][every - 1 :: every]
    session = model.open(source)
    session.prompt(_TRACKED, start, FramePrompt(mask=truths[start]))
    frames: list[list[Judged]] = []
    for frame_index in range(start + 1, max(visible, default=start) + 1):
        result = session.track(_TRACKED, frame_index, "forward")
        if frame_index not in visible:
            continue
        truth, ignored = truths[frame_index], void.get(frame_index)
        session.seed(_CORRECTED, StoredFrame(frame_index, PackedMask.pack(result.mask), result.object_score, False))
        results, given = [result], tuple[Click, ...]()
        while len(given) < clicks and (click := next_click(truth, decided(results[-1].mask, ignored))) is not None:
            given = (*given, click)
            results.append(session.prompt(_CORRECTED, frame_index, FramePrompt(clicks=given)))
        session.forget_object(_CORRECTED)
        results += results[-1:] * (clicks + 1 - len(results))
        frames.append([judged(each, truth, ignored) for each in results])
    return frames
