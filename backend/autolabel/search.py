"""Ask the model server for the masks of all objects on a frame."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from backend.annotation.engine import AnnotationEngine
from backend.annotation.tracking.tracking_client import UNPLACED
from backend.autolabel.schemas import AutoLabelingCreate
from backend.model_client.problems import ModelFailed, ModelServerUnavailable
from model_server.contract.search import FoundMask, SearchProgress, SearchRequest
from model_server.contract.tracking import RunEnded, RunFailed, RunHeartbeat

OnProgress = Callable[[int, int], Awaitable[None]]


async def look(
    engine: AnnotationEngine, video_id: UUID, frame_index: int, options: AutoLabelingCreate, on_progress: OnProgress
) -> list[FoundMask]:
    """Find all masks that pass the thresholds, best first.

    `on_progress` is awaited with the number of points asked and the total, at least once a second; an exception that it
    raises ends the search.

    Raises:
        ModelServerUnavailable, ModelUnusable, ModelFailed: as from `TrackingClient`.
    """
    assert options.grids is not None
    assert options.min_predicted_iou is not None
    assert options.min_stability is not None
    request = SearchRequest(
        epoch=UNPLACED,
        run_id=uuid4().hex,
        frame_index=frame_index,
        grids=options.grids,
        min_predicted_iou=options.min_predicted_iou,
        min_stability=options.min_stability,
        clean_under=options.clean_under,
    )
    found: list[FoundMask] = []
    progress = (0, 1)
    async with engine.tracking.find_masks(video_id, request) as events:
        async for event in events:
            match event:
                case SearchProgress(asked=asked, total=total):
                    progress = (asked, total)
                    await on_progress(*progress)
                case RunHeartbeat():  # others have the device; whether this is still wanted is asked all the same
                    await on_progress(*progress)
                case FoundMask():
                    found.append(event)
                case RunFailed(detail=detail):
                    raise ModelFailed(detail)
                case RunEnded(cancelled=True):
                    raise ModelServerUnavailable("The model server stopped in the middle of the search.")
                case _:
                    pass
    return found
