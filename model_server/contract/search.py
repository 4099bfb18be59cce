"""Automatic masks of a frame: the request, and the lines of its JSON Lines answer."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from model_server.contract.masks import Area, EncodedMask
from model_server.contract.tracking import RunEnded, RunFailed, RunHeartbeat, RunId, RunOpened
from model_server.contract.wire import Coordinate, Count, Epoch, FrameIndex, Message, Number, Share, Version

PointsPerSide = Annotated[int, Field(ge=1, le=64)]


class SearchRequest(Message):
    """Find masks of everything on a frame; no object changes. The defaults are the grids and thresholds of SA-V."""

    epoch: Epoch
    run_id: RunId
    frame_index: FrameIndex
    grids: tuple[PointsPerSide, ...] = Field(
        default=(32, 16, 4),
        min_length=1,
        max_length=4,
        description="Points per side: on the whole frame, on each of 2 x 2 crops, on each of 4 x 4 crops, and so on.",
    )
    min_predicted_iou: Share = 0.8
    min_stability: Share = 0.95
    max_box_iou: Share = Field(default=0.7, description="Of two masks whose boxes have a higher IoU, one is dropped.")
    clean_under: Area = Field(default=200, description="Holes and components of fewer pixels are removed.")


class SearchProgress(Message):
    """How many grid points have been prompted so far."""

    t: Literal["progress"]
    asked: Count
    total: Count


class FoundMask(Message):
    """One mask. All of them are sent at the end, best first."""

    t: Literal["mask"]
    mask: EncodedMask
    area: Area
    box: tuple[Area, Area, Area, Area] = Field(description="(x, y, width, height) between the corner pixels' centres.")
    predicted_iou: Number
    stability: Share
    point: tuple[Coordinate, Coordinate] = Field(description="The grid point that produced it, (x, y).")
    model_version: Version


SearchEvent = Annotated[
    RunOpened | SearchProgress | FoundMask | RunHeartbeat | RunEnded | RunFailed, Field(discriminator="t")
]
search_event_adapter: TypeAdapter[SearchEvent] = TypeAdapter(SearchEvent)
