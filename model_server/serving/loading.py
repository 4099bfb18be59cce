"""Bringing the model up on the device thread while the server already answers `loading`."""

import time
from collections.abc import Callable
from typing import Literal

import numpy as np
import structlog
from numpy.typing import NDArray

from model_server.segmenter import Click, FramePrompt, VideoSegmenter
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.problems import ModelNotReady

log = structlog.get_logger()

_SIDE = 64


class _GreyVideo:
    """Two frames to warm the network up on."""

    num_frames, height, width = 2, _SIDE, _SIDE

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return np.full((_SIDE, _SIDE, 3), 128, dtype=np.uint8)


class ModelLoader:
    """Loads one model, once. A model that fails to load leaves the server up to say so."""

    def __init__(self, build: Callable[[], VideoSegmenter]) -> None:
        self.status: Literal["loading", "ready", "failed"] = "loading"
        self.detail: str | None = None
        self._build = build
        self._segmenter: VideoSegmenter | None = None

    @property
    def segmenter(self) -> VideoSegmenter:
        """The model; ModelNotReady before it is loaded and warm."""
        if self._segmenter is None:
            raise ModelNotReady(self.detail or "the model is loading")
        return self._segmenter

    def start(self, worker: GpuWorker) -> None:
        """Load on the device thread."""
        worker.submit(Priority.prompt, self._load)

    def _load(self) -> None:
        start = time.perf_counter()
        try:
            segmenter = self._build()
            _warm_up(segmenter)
        except Exception as error:
            self.detail = f"{type(error).__name__}: {error}"
            self.status = "failed"
            log.exception("model.load_failed")
            return
        self._segmenter = segmenter
        self.status = "ready"
        seconds = round(time.perf_counter() - start, 2)
        log.info("model.ready", name=segmenter.info.name, version=segmenter.info.version, seconds=seconds)


def _warm_up(segmenter: VideoSegmenter) -> None:
    """Run every part of the network once, so that the first click does not pay for it."""
    tracking = segmenter.open(_GreyVideo())
    tracking.prompt("warm-up", 0, FramePrompt(clicks=(Click(_SIDE / 2, _SIDE / 2, positive=True),)))
    tracking.track("warm-up", 1, "forward")
