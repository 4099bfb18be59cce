"""Between the wire's pydantic models and the segmenter's dataclasses."""

from model_server.contract import catalogue as wire
from model_server.contract.catalogue import CONTRACT_VERSION, CatalogueEntry, ModelRead
from model_server.contract.masks import EncodedMask, MaskResult
from model_server.contract.prompts import ClickLabel, FramePrompts
from model_server.masks import rle
from model_server.models.catalogue.entry import BUILTIN, Entry
from model_server.models.catalogue.promotions import Decision
from model_server.segmenter import Box, Click, FramePrompt, FrameResult, FrameSource, Mask, ModelInfo
from model_server.serving.problems import BadMask, FrameOutOfRange, PointOutsideVideo


def checked_frame(frame_index: int, source: FrameSource) -> int:
    """The index, if the video has that frame."""
    if frame_index >= source.num_frames:
        raise FrameOutOfRange(f"frame {frame_index} of a video of {source.num_frames} frames")
    return frame_index


def frame_prompt(prompts: FramePrompts, source: FrameSource) -> FramePrompt:
    """A prompt set for the segmenter; every point lies in the video, a mask has its size."""
    if prompts.mask is not None:
        return FramePrompt(mask=decoded_mask(prompts.mask, source))
    for x, y in _points(prompts):
        if not (0 <= x <= source.width and 0 <= y <= source.height):
            raise PointOutsideVideo(f"({x:g}, {y:g}) in a video of {source.width} x {source.height}")
    clicks = tuple(Click(click.x, click.y, click.label is ClickLabel.positive) for click in prompts.clicks)
    box = prompts.box
    drawn = None if box is None else Box(box.x0, box.y0, box.x1, box.y1)
    return FramePrompt(clicks=clicks, box=drawn, candidate=prompts.candidate, memory=prompts.memory)


def checked_mask(mask: EncodedMask, source: FrameSource) -> EncodedMask:
    """The mask, if it can be drawn in the video's size."""
    _check_size(mask, source)
    try:
        rle.area(mask.counts, height=source.height, width=source.width)
    except ValueError as error:
        raise BadMask(str(error)) from error
    return mask


def decoded_mask(mask: EncodedMask, source: FrameSource) -> Mask:
    """(height, width) bool in the video's size."""
    _check_size(mask, source)
    try:
        return rle.decode(mask.counts, height=source.height, width=source.width)
    except ValueError as error:
        raise BadMask(str(error)) from error


def mask_result(result: FrameResult, seconds: float, model_version: str) -> MaskResult:
    """What goes over the wire of a result. Takes about a millisecond per megapixel."""
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


def model_read(info: ModelInfo, *, num_sessions: int, memory_bytes: int) -> ModelRead:
    """The catalogue entry of the loaded model."""
    return ModelRead(
        name=info.name,
        version=info.version,
        config_name=info.config_name,
        input_size=info.input_size,
        num_parameters=info.num_parameters,
        device=info.device,
        precision=info.precision,
        card=info.card,
        metrics=info.metrics,
        contract_version=CONTRACT_VERSION,
        sessions=num_sessions,
        memory_bytes=memory_bytes,
    )


def catalogue_entry(entry: Entry, loaded_versions: set[str], problem: str | None) -> CatalogueEntry:
    """What goes over the wire of a model of the catalogue."""
    return CatalogueEntry(
        name=entry.name,
        version=entry.version,
        digest=entry.digest,
        config_name=entry.preset,
        input_size=entry.input_size,
        num_parameters=entry.num_parameters,
        num_bytes=entry.num_bytes,
        origin=entry.origin,
        added_at=entry.added_at,
        parent=entry.parent,
        card=entry.card,
        metrics=entry.metrics,
        builtin=entry.name == BUILTIN,
        loaded=entry.version in loaded_versions,
        problem=problem,
    )


def decision(made: Decision) -> wire.Decision:
    """What goes over the wire of a decision about the default model."""
    return wire.Decision(kind=made.kind, model=made.model, version=made.version, at=made.at, by=made.by)


def _check_size(mask: EncodedMask, source: FrameSource) -> None:
    if mask.size != (source.height, source.width):
        raise BadMask(f"a mask of {mask.size} for a video of {(source.height, source.width)}, as (height, width)")


def _points(prompts: FramePrompts) -> list[tuple[float, float]]:
    points = [(click.x, click.y) for click in prompts.clicks]
    if prompts.box is not None:
        points += [(prompts.box.x0, prompts.box.y0), (prompts.box.x1, prompts.box.y1)]
    return points
