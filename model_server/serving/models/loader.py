"""Models brought up when they are wanted, and let go when nobody uses them and memory is short.

A model's file is read in a side thread, so that nobody's prompt waits for it; the device thread places the network and
runs it once. The default model is loaded at the start and stays; when another is promoted, that one does.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import structlog
import torch
from numpy.typing import NDArray

from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import UnknownModel as NoSuchModel
from model_server.segmenter import Click, FramePrompt, ModelInfo, VideoSegmenter
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.models.shelf import Shelf
from model_server.serving.problems import ModelNotReady, ModelUnusable, ServerFull, UnknownModel

log = structlog.get_logger()

_SIDE = 64
_BYTES_PER_PARAMETER = 4
_CONFIGURED = "as the settings say"  # in place of a version, which is known only once it is loaded

Place = Callable[[], VideoSegmenter]
Read = Callable[[str | None], Place]
"""The weights of a named model (None: the default) in memory; what it returns places them, on the device thread."""


class _GreyVideo:
    """Two frames to warm the network up on."""

    num_frames, height, width = 2, _SIDE, _SIDE

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return np.full((_SIDE, _SIDE, 3), 128, dtype=np.uint8)


@dataclass(slots=True)
class _Loaded:
    segmenter: VideoSegmenter
    last_used_seconds: float

    @property
    def num_bytes(self) -> int:
        return self.segmenter.info.num_parameters * _BYTES_PER_PARAMETER


class ModelLoader:
    """The models in memory. Lives on the event loop. A model that fails to load leaves the others working."""

    def __init__(
        self,
        read: Read,
        shelf: Shelf,
        worker: GpuWorker,
        *,
        max_bytes: int,
        in_use: Callable[[], set[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`in_use` gives the versions that tracking sessions hold; those are never let go."""
        self.status: Literal["loading", "ready", "failed"] = "loading"
        self.detail: str | None = None
        self._read = read
        self._shelf = shelf
        self._worker = worker
        self._max_bytes = max_bytes
        self._in_use = in_use
        self._clock = clock
        self._default: str | None = None
        self._loaded: dict[str | None, _Loaded] = {}  # None: what the settings name
        self._problems: dict[str, str] = {}
        self._loading = asyncio.Lock()
        self._first_load: asyncio.Task[None] | None = None

    @property
    def segmenter(self) -> VideoSegmenter:
        """The default model in memory; ModelNotReady before it is loaded and warm."""
        loaded = self._loaded.get(self._default)
        if self.status != "ready" or loaded is None:
            raise ModelNotReady(self.detail or "the model is loading")
        return loaded.segmenter

    @property
    def configured(self) -> ModelInfo | None:
        """The model that the settings name, where it is in memory."""
        loaded = self._loaded.get(None)
        return None if loaded is None else loaded.segmenter.info

    @property
    def loaded(self) -> list[ModelInfo]:
        """The models in memory."""
        return [loaded.segmenter.info for loaded in self._loaded.values()]

    def problem(self, entry: Entry) -> str | None:
        """Why these weights could not be loaded when they were last wanted."""
        return self._problems.get(entry.version)

    def start(self) -> None:
        """Load the default model."""
        self._first_load = asyncio.create_task(self._load_default())

    async def wanted(self, name: str | None) -> VideoSegmenter:
        """The named model, loaded if it is not; None is the default. UnknownModel, ModelUnusable or ModelNotReady."""
        if self.status == "loading":  # until the default model is there, or cannot be, nobody may take its memory
            raise ModelNotReady(self.detail or "the model is loading")
        if name is not None:
            return await self._named(self._key(name))
        promoted = self._shelf.promoted
        key = None if promoted is None else self._key(promoted)
        if key == self._default:
            return self.segmenter
        segmenter = await self._named(key)
        self._default, self.status, self.detail = key, "ready", None
        log.info("model.default", name=segmenter.info.name, version=segmenter.info.version)
        return segmenter

    def _key(self, name: str) -> str | None:
        """None where the name is that of the model the settings name: it is not loaded twice."""
        configured = self.configured
        return None if name == self._shelf.default or (configured and name == configured.name) else name

    async def _named(self, name: str | None) -> VideoSegmenter:
        version = await self._version(name)
        if (there := self._in_memory(name, version)) is not None:
            return there  # whoever waits for another model to be read does not hold this one up
        async with self._loading:
            version = await self._version(name)
            if (there := self._in_memory(name, version)) is not None:
                return there
            if version is None:
                raise UnknownModel(f"there is no model {name!r} here; `maskloom models list` shows those there are")
            return await self._load_named(name, version)

    async def _version(self, name: str | None) -> str | None:
        return _CONFIGURED if name is None else await asyncio.to_thread(self._shelf.version, name)

    def _in_memory(self, name: str | None, version: str | None) -> VideoSegmenter | None:
        loaded = self._loaded.get(name)
        if loaded is None or (name is not None and version != loaded.segmenter.info.version):
            return None
        loaded.last_used_seconds = self._clock()
        return loaded.segmenter

    async def _load_named(self, name: str | None, version: str) -> VideoSegmenter:
        self._loaded.pop(name, None)  # other weights have come under its name
        try:
            segmenter = await self._brought_up(name)
        except NoSuchModel as error:
            raise UnknownModel(str(error)) from error
        except ServerFull:
            raise
        except Exception as error:
            self._problems[version] = str(error) or type(error).__name__
            log.warning("model.load_failed", model=name, version=version, reason=f"{type(error).__name__}: {error}")
            raise ModelUnusable(f"{name or 'the default model'} cannot be loaded: {error}") from error
        self._problems.pop(version, None)
        self._loaded[name] = _Loaded(segmenter, self._clock())
        return segmenter

    async def _load_default(self) -> None:
        promoted = await asyncio.to_thread(lambda: self._shelf.promoted)
        self._default = None if promoted is None else self._key(promoted)
        async with self._loading:
            try:
                self._loaded[self._default] = _Loaded(await self._brought_up(self._default), self._clock())
            except Exception as error:
                self.detail = f"{type(error).__name__}: {error}"
                self.status = "failed"
                log.exception("model.load_failed")
                return
        self.status = "ready"

    async def _brought_up(self, name: str | None) -> VideoSegmenter:
        """Read, placed and warm; when memory runs out, once more with all that can be let go gone."""
        start = time.perf_counter()
        self._make_room(await asyncio.to_thread(self._shelf.num_bytes, name))
        try:
            segmenter = await self._read_and_placed(name)
        except (MemoryError, torch.OutOfMemoryError):
            self._let_go(0)
            segmenter = await self._read_and_placed(name)
        seconds = round(time.perf_counter() - start, 2)
        log.info("model.ready", name=segmenter.info.name, version=segmenter.info.version, seconds=seconds)
        return segmenter

    async def _read_and_placed(self, name: str | None) -> VideoSegmenter:
        place = await asyncio.to_thread(self._read, name)

        def placed() -> VideoSegmenter:
            segmenter = place()
            _warm_up(segmenter)
            return segmenter

        return await self._worker.run(Priority.prompt, placed)

    def _make_room(self, num_bytes: int) -> None:
        """For one more model. ServerFull where sessions hold all the others; a model alone may be over the budget."""
        self._let_go(self._max_bytes - num_bytes)
        held = self._held_bytes()
        if held and held + num_bytes > self._max_bytes:
            raise ServerFull(f"{len(self._loaded) - 1} models in use hold {held} bytes, this one needs {num_bytes}")

    def _let_go(self, max_bytes: int) -> None:
        """Drop the models unused longest until the others fit; those that a session holds stay."""
        in_use = self._in_use()
        oldest_first = sorted(self._loaded.items(), key=lambda item: item[1].last_used_seconds)
        for name, loaded in oldest_first:
            if self._held_bytes() <= max_bytes:
                return
            if name != self._default and loaded.segmenter.info.version not in in_use:
                del self._loaded[name]
                self._worker.submit(Priority.prompt, _give_memory_back)
                log.info("model.unloaded", name=name, version=loaded.segmenter.info.version)

    def _held_bytes(self) -> int:
        return sum(loaded.num_bytes for name, loaded in self._loaded.items() if name != self._default)


def _give_memory_back() -> None:
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _warm_up(segmenter: VideoSegmenter) -> None:
    """Run every part of the network once, so that the first click does not pay for it."""
    tracking = segmenter.open(_GreyVideo())
    tracking.prompt("warm-up", 0, FramePrompt(clicks=(Click(_SIDE / 2, _SIDE / 2, positive=True),)))
    tracking.track("warm-up", 1, "forward")
