"""Prompts and masks, from messages to the segmenter's values and back; bad ones are problems."""

from model_server.contract.masks import EncodedMask, MaskResult
from model_server.contract.prompts import ClickLabel, FramePrompts
from model_server.masks import rle
from model_server.masks.packed_mask import PackedMask
from model_server.prompt_bounds import stray_point
from model_server.segmenter import Box, Click, FramePrompt, FrameResult, FrameSource, Mask
from model_server.serving.problems import BadMask, FrameOutOfRange, PointOutsideVideo


def checked_frame(frame_index: int, source: FrameSource) -> int:
    """The index itself. FrameOutOfRange if the video has no such frame."""
    if frame_index >= source.num_frames:
        raise FrameOutOfRange(f"frame {frame_index} of a video of {source.num_frames} frames")
    return frame_index


def frame_prompt(prompts: FramePrompts, source: FrameSource) -> FramePrompt:
    """The prompt set for the segmenter, in pixels of the video. PointOutsideVideo, or BadMask for another size."""
    box = prompts.box
    prompt = FramePrompt(
        clicks=tuple(Click(click.x, click.y, click.label is ClickLabel.positive) for click in prompts.clicks),
        box=None if box is None else Box(box.x0, box.y0, box.x1, box.y1),
        mask=None if prompts.mask is None else decoded_mask(prompts.mask, source),
        candidate=prompts.candidate,
        memory=prompts.memory,
    )
    if (stray := stray_point(prompt, source)) is not None:
        raise PointOutsideVideo(f"({stray[0]:g}, {stray[1]:g}) in a video of {source.width} x {source.height}")
    return prompt


def checked_mask(mask: EncodedMask, source: FrameSource) -> EncodedMask:
    """The mask itself, not decoded. BadMask unless it has the video's size and valid run lengths."""
    _check_size(mask, source)
    try:
        rle.area(mask.counts, height=source.height, width=source.width)
    except ValueError as error:
        raise BadMask(str(error)) from error
    return mask


def decoded_mask(mask: EncodedMask, source: FrameSource) -> Mask:
    """(height, width) bool of the video's size. BadMask unless it has that size and valid run lengths."""
    _check_size(mask, source)
    try:
        return rle.decode(mask.counts, height=source.height, width=source.width)
    except ValueError as error:
        raise BadMask(str(error)) from error


def packed(mask: EncodedMask) -> PackedMask:
    """A mask that was checked, as a model remembers it."""
    height, width = mask.size
    return PackedMask(height, width, mask.counts)


def mask_result(result: FrameResult, seconds: float, model_version: str) -> MaskResult:
    """A result as a message. Encoding takes about a millisecond per megapixel."""
    height, width = result.mask.shape
    return MaskResult(
        object_id=result.object_id,
        frame_index=result.frame_index,
        mask=EncodedMask(size=(height, width), counts=rle.encode(result.mask)),
        predicted_iou=float(result.predicted_iou),
        object_score=float(result.object_score),
        stability=float(result.stability),
        area=int(result.mask.sum()),
        candidate=result.candidate,
        seconds=round(seconds, 6),
        model_version=model_version,
    )


def _check_size(mask: EncodedMask, source: FrameSource) -> None:
    if mask.size != (source.height, source.width):
        raise BadMask(f"a mask of {mask.size} for a video of {(source.height, source.width)}, as (height, width)")
