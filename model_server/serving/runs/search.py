"""A search for automatic masks on one frame: short steps on the device thread, events to the reader of the stream.

One step is queued at a time, behind prompts and warm-ups, and the next once its outcome is known: a reader that leaves
or cancels ends the search within one step. A search changes no object's memory.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import structlog

from model_server.contract.masks import EncodedMask
from model_server.contract.search import FoundMask, SearchEvent, SearchProgress, SearchRequest
from model_server.contract.tracking import RunEnded, RunFailed, RunHeartbeat, RunOpened
from model_server.mask_search import AutomaticMask, AutomaticOptions, MaskSearch
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.problems import ModelServerError
from model_server.serving.runs.streamed_run import HEARTBEAT_SECONDS
from model_server.serving.sessions.session import Session

log = structlog.get_logger()

_POINTS_AT_ONCE = 16
"""Fewer than a GPU could take, so that a prompt does not wait long for a step on a CPU."""


class SearchRun:
    """One search: `begin`, then read `events`."""

    def __init__(self, request: SearchRequest, session: Session, worker: GpuWorker) -> None:
        self.cancelled = False
        self._request = request
        self._session = session
        self._worker = worker
        self._search: MaskSearch | None = None

    async def begin(self) -> None:
        """Read the frame. VideoUnreadable or SessionClosed."""
        begin = partial(self._session.begin_search, self._request.frame_index, _options(self._request))
        self._search = await self._worker.run(Priority.prompt, begin)

    def cancel(self) -> None:
        """Queue no more steps; the answer ends without masks."""
        self.cancelled = True

    def close(self) -> None:
        """As `cancel`: a search leaves nothing to restore."""
        self.cancel()

    async def events(self) -> AsyncIterator[SearchEvent]:
        """The lines of the answer, from `open` to `end` or `error`."""
        assert self._search is not None, "a search is begun first"
        yield RunOpened(t="open", run_id=self._request.run_id)
        try:
            async for event in self._progress(self._search):
                yield event
        except ModelServerError as error:
            log.warning("search.failed", run_id=self._request.run_id, code=error.slug, detail=error.detail)
            yield RunFailed(t="error", code=error.slug, detail=error.detail)
            return
        found = [] if self.cancelled else self._search.found()
        size = (self._session.reader.height, self._session.reader.width)
        for mask in found:
            yield _found_mask(mask, size, self._session.model_version)
        log.info("search.finished", run_id=self._request.run_id, masks=len(found), cancelled=self.cancelled)
        yield RunEnded(t="end", frames=len(found), cancelled=self.cancelled)

    async def _progress(self, search: MaskSearch) -> AsyncIterator[SearchEvent]:
        going_on = True
        while going_on and not self.cancelled:
            step = asyncio.wrap_future(self._worker.submit(Priority.step, partial(self._session.search_on, search)))
            try:
                while not (await asyncio.wait([step], timeout=HEARTBEAT_SECONDS))[0]:
                    yield RunHeartbeat(t="heartbeat")
            finally:
                step.cancel()  # the reader left: withdraw the step
            if step.cancelled():  # the server is stopping
                self.cancelled = True
                return
            going_on = step.result()
            yield SearchProgress(t="progress", asked=search.asked, total=search.total)


def _options(request: SearchRequest) -> AutomaticOptions:
    return AutomaticOptions(
        grids=request.grids,
        points_per_batch=_POINTS_AT_ONCE,
        min_predicted_iou=request.min_predicted_iou,
        min_stability=request.min_stability,
        max_box_iou=request.max_box_iou,
        max_box_iou_across_crops=request.max_box_iou,
        clean_under=request.clean_under,
    )


def _found_mask(mask: AutomaticMask, size: tuple[int, int], model_version: str) -> FoundMask:
    return FoundMask(
        t="mask",
        mask=EncodedMask(size=size, counts=mask.counts),
        area=mask.area,
        box=mask.box,
        predicted_iou=mask.predicted_iou,
        stability=mask.stability,
        point=mask.point,
        model_version=model_version,
    )
