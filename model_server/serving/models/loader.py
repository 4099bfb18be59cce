"""Models are loaded when they are first wanted, and unloaded when they are idle and memory is short.

A model's file is read in a side thread, so that no prompt waits for it; the device thread then places the network and
runs it once. The default model is loaded at startup and kept; after a promotion, the promoted one is kept instead.
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
from model_server.models.catalogue.folder import UnknownModel
from model_server.segmenter import Click, FramePrompt, ModelInfo, VideoSegmenter
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.models.shelf import Shelf
from model_server.serving.problems import ModelNotFound, ModelNotReady, ModelUnusable, ServerFull

log = structlog.get_logger()

_SIDE = 64
_BYTES_PER_PARAMETER = 4
_BROKEN_SECONDS = 30.0
_CONFIGURED = "as configured"  # stands in for the version, which is known only once the model is loaded

PlaceModel = Callable[[], VideoSegmenter]
"""Puts weights that were read onto the device; called on the device thread."""
ReadModel = Callable[[str | None], PlaceModel]
"""Reads the weights of a named model (None: the one in the settings) into memory; called in a side thread."""


class _GreyVideo:
    """Two frames for warming the network up."""

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
    """The models in memory. It belongs to the event loop. A model that fails to load does not affect the others."""

    def __init__(
        self,
        read: ReadModel,
        shelf: Shelf,
        worker: GpuWorker,
        *,
        max_bytes: int,
        in_use: Callable[[], set[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`in_use` gives the versions that tracking sessions use; those are never unloaded."""
        self.status: Literal["loading", "ready", "failed"] = "loading"
        self.detail: str | None = None
        self._read = read
        self._shelf = shelf
        self._worker = worker
        self._max_bytes = max_bytes
        self._in_use = in_use
        self._clock = clock
        self._default: str | None = None
        self._loaded: dict[str | None, _Loaded] = {}  # None: the model in the settings
        self._problems: dict[str, str] = {}
        self._broken: dict[str, tuple[float, tuple[int, int] | None]] = {}  # by version: when, and the file's stamp
        self._loading = asyncio.Lock()
        self._first_load: asyncio.Task[None] | None = None

    @property
    def segmenter(self) -> VideoSegmenter:
        """The default model. ModelNotReady until it is loaded and warm."""
        loaded = self._loaded.get(self._default)
        if self.status != "ready" or loaded is None:
            raise ModelNotReady(self.detail or "the model is loading")
        return loaded.segmenter

    @property
    def configured(self) -> ModelInfo | None:
        """The model named by the settings, if it is in memory."""
        loaded = self._loaded.get(None)
        return None if loaded is None else loaded.segmenter.info

    @property
    def loaded(self) -> list[ModelInfo]:
        """All models in memory."""
        return [loaded.segmenter.info for loaded in self._loaded.values()]

    def problem(self, entry: Entry) -> str | None:
        """Why these weights failed to load the last time they were wanted; None if they did not."""
        return self._problems.get(entry.version)

    def start(self) -> None:
        """Start loading the default model."""
        self._first_load = asyncio.create_task(self._load_default())

    async def wanted(self, name: str | None) -> VideoSegmenter:
        """The named model (None: the default), loaded first if need be.

        ModelNotFound, ModelUnusable, ModelNotReady before the default is loaded, ServerFull.
        """
        if self.status == "loading":  # until the default has loaded or failed, no other model may take its memory
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
        """None if the name means the model in the settings, so that it is not loaded twice."""
        configured = self.configured
        return None if name == self._shelf.default or (configured and name == configured.name) else name

    async def _named(self, name: str | None) -> VideoSegmenter:
        version = await self._version(name)
        if (there := self._in_memory(name, version)) is not None:
            return there  # without waiting for another model that is being read
        if version is None:
            raise _not_found(name)
        await self._refuse_broken(name, version)
        async with self._loading:
            version = await self._version(name)
            if (there := self._in_memory(name, version)) is not None:
                return there
            if version is None:
                raise _not_found(name)
            await self._refuse_broken(name, version)
            return await self._load_named(name, version)

    async def _refuse_broken(self, name: str | None, version: str) -> None:
        """ModelUnusable at once, for a file that failed a moment ago: reading it keeps other models waiting."""
        since, stamp = self._broken.get(version, (float("-inf"), None))
        is_fresh = self._clock() < since + _BROKEN_SECONDS
        if is_fresh and stamp == await asyncio.to_thread(self._shelf.stamp, name):
            raise _unusable(name, self._problems[version])

    async def _version(self, name: str | None) -> str | None:
        return _CONFIGURED if name is None else await asyncio.to_thread(self._shelf.version, name)

    def _in_memory(self, name: str | None, version: str | None) -> VideoSegmenter | None:
        loaded = self._loaded.get(name)
        if loaded is None or (name is not None and version != loaded.segmenter.info.version):
            return None
        loaded.last_used_seconds = self._clock()
        return loaded.segmenter

    async def _load_named(self, name: str | None, version: str) -> VideoSegmenter:
        self._loaded.pop(name, None)  # its name now stands for other weights
        try:
            segmenter = await self._loaded_and_warm(name)
        except UnknownModel as error:
            raise ModelNotFound(str(error)) from error
        except ServerFull:
            raise
        except Exception as error:
            self._problems[version] = str(error) or type(error).__name__
            self._broken[version] = self._clock(), await asyncio.to_thread(self._shelf.stamp, name)
            log.warning("model.load_failed", model=name, version=version, reason=f"{type(error).__name__}: {error}")
            raise _unusable(name, self._problems[version]) from error
        self._problems.pop(version, None)
        self._broken.pop(version, None)
        if await self._version(name) != version:
            raise _not_found(name)  # it was removed or replaced while it was read
        self._loaded[name] = _Loaded(segmenter, self._clock())
        return segmenter

    async def _load_default(self) -> None:
        promoted = await asyncio.to_thread(lambda: self._shelf.promoted)
        self._default = None if promoted is None else self._key(promoted)
        async with self._loading:
            try:
                self._loaded[self._default] = _Loaded(await self._loaded_and_warm(self._default), self._clock())
            except Exception as error:
                self.detail = f"{type(error).__name__}: {error}"
                self.status = "failed"
                log.exception("model.load_failed")
                return
        self.status = "ready"

    async def _loaded_and_warm(self, name: str | None) -> VideoSegmenter:
        """Read, placed and run once; if memory runs out, tried again with every idle model unloaded."""
        start = time.perf_counter()
        self._make_room(await asyncio.to_thread(self._shelf.num_bytes, name))
        try:
            segmenter = await self._read_and_placed(name)
        except (MemoryError, torch.OutOfMemoryError):
            self._unload_down_to(0)
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
        """For one more model. ServerFull if sessions use all the others; a single model may exceed the budget."""
        self._unload_down_to(self._max_bytes - num_bytes)
        held = self._held_bytes()
        if held and held + num_bytes > self._max_bytes:
            raise ServerFull(f"{len(self._loaded) - 1} models in use hold {held} bytes, this one needs {num_bytes}")

    def _unload_down_to(self, max_bytes: int) -> None:
        """Unload models, least recently used first, until the rest fit; those that a session uses stay."""
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


def _not_found(name: str | None) -> ModelNotFound:
    return ModelNotFound(f"there is no model {name!r} here; `maskloom models list` shows those there are")


def _unusable(name: str | None, problem: str) -> ModelUnusable:
    return ModelUnusable(f"{name or 'the default model'} cannot be loaded: {problem}")


def _give_memory_back() -> None:
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _warm_up(segmenter: VideoSegmenter) -> None:
    """Run every part of the network once, so that the first click does not pay for it."""
    tracking = segmenter.open(_GreyVideo())
    tracking.prompt("warm-up", 0, FramePrompt(clicks=(Click(_SIDE / 2, _SIDE / 2, positive=True),)))
    tracking.track("warm-up", 1, "forward")
