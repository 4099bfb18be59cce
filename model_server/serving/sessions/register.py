"""The register of open tracking sessions: who may use them, how long they live, how much memory they hold."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import structlog

from model_server.contract.sessions import OpenSessionRequest, VideoReference
from model_server.segmenter import ModelInfo, VideoSegmenter
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.problems import (
    MalformedRequest,
    PathOutsideData,
    ServerFull,
    StaleEpoch,
    UnknownSession,
    VideoUnreadable,
)
from model_server.serving.sessions.session import Session
from model_server.serving.settings import Settings
from model_server.video.location import OutsideDataDirectory, resolve_inside
from model_server.video.reader import FrameReader, UnreadableVideo

log = structlog.get_logger()

_SWEEP_SECONDS = 5.0


class SessionRegister:
    """Sessions by id. It belongs to the event loop; what sessions know of objects belongs to the device thread."""

    def __init__(
        self,
        settings: Settings,
        worker: GpuWorker,
        *,
        promoted: Callable[[], str | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`promoted` gives the model for sessions that name none; None means the one in the settings."""
        self._settings = settings
        self._promoted = promoted
        self._followers: dict[str, str | None] = {}  # sessions that named no model, with the model promoted at the time
        self._worker = worker
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._models: dict[str, ModelInfo] = {}
        self._opening = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def memory_bytes(self) -> int:
        """Memory held by all sessions."""
        return sum(session.memory_bytes for session in self._sessions.values())

    @property
    def free_bytes(self) -> int:
        """What is left of the sessions' memory budget; negative while they exceed it."""
        return self._settings.model_memory_bytes - self.memory_bytes

    def models_in_use(self) -> set[str]:
        """Versions of the models that open sessions use."""
        return {model.version for model in self._models.values()}

    async def open(
        self, session_id: str, request: OpenSessionRequest, segmenter: VideoSegmenter
    ) -> tuple[Session, bool]:
        """The session, and whether it is new. A higher epoch or another model closes the session it replaces.

        StaleEpoch for a lower epoch, MalformedRequest for another video under the same epoch, PathOutsideData,
        VideoUnreadable, and ServerFull if sessions in use hold all the memory.
        """
        promoted = self._promoted()
        async with self._opening:
            session = self._sessions.get(session_id)
            if session is not None and session.epoch == request.epoch:
                if session.video != request.video:
                    raise MalformedRequest("the session is open on another video")
                if self._models[session_id].version == segmenter.info.version:
                    self._note_choice(session_id, request.model, promoted)
                    return session, False
            if session is not None and session.epoch > request.epoch:
                raise StaleEpoch(f"epoch {request.epoch}, the session is at {session.epoch}")
            reader = await asyncio.to_thread(self._open_video, request.video)
            if session is not None:
                self.close(session_id)
            self._make_room()
            tracking = await self._worker.run(Priority.prompt, lambda: segmenter.open(reader))
            session = Session(session_id, request.epoch, request.video, reader=reader, tracking=tracking)
            session.make_room = partial(self._make_room_now, session, asyncio.get_running_loop())
            session.last_used_seconds = self._clock()
            self._sessions[session_id] = session
            self._models[session_id] = segmenter.info
            session.model_version = segmenter.info.version
            session.prompt_seconds = self._settings.model_prompt_seconds
            self._note_choice(session_id, request.model, promoted)
        opened = {"epoch": request.epoch, "num_frames": reader.num_frames, "model": segmenter.info.name}
        log.info("session.opened", session_id=session_id, **opened)
        return session, True

    def _note_choice(self, session_id: str, model: str | None, promoted: str | None) -> None:
        self._followers.pop(session_id, None)
        if model is None:
            self._followers[session_id] = promoted

    @contextmanager
    def using(self, session_id: str, epoch: int | None = None) -> Generator[Session]:
        """The session, protected from sweeps inside the block. UnknownSession or StaleEpoch if it is not the caller's.

        A session that follows the default model is closed here once the default has changed: reopened, it uses the new
        one.
        """
        session = self._sessions.get(session_id)
        if session is not None and self._followers.get(session_id, promoted := self._promoted()) != promoted:
            self.close(session_id)
            session = None
        if session is None or (epoch is not None and epoch > session.epoch):
            raise UnknownSession(f"tracking session {session_id} is not open")
        if epoch is not None and epoch < session.epoch:
            raise StaleEpoch(f"epoch {epoch}, the session is at {session.epoch}")
        session.num_users += 1
        try:
            yield session
        finally:
            session.num_users -= 1
            session.last_used_seconds = self._clock()

    def close(self, session_id: str) -> None:
        """Close the session even if it is in use: requests waiting for it fail. Unknown sessions are ignored."""
        session = self._sessions.pop(session_id, None)
        self._models.pop(session_id, None)
        self._followers.pop(session_id, None)
        if session is None:
            return
        session.closed = True
        self._worker.submit(Priority.prompt, session.release)
        log.info("session.closed", session_id=session_id, epoch=session.epoch, memory_bytes=session.memory_bytes)

    def sweep(self) -> None:
        """Close idle sessions past their time to live, and the least recently used ones over the memory budget."""
        oldest_allowed = self._clock() - self._settings.model_session_ttl_seconds
        for session in self._idle():
            over_budget = self.memory_bytes > self._settings.model_memory_bytes and len(self._sessions) > 1
            if session.last_used_seconds < oldest_allowed or over_budget:
                self.close(session.session_id)

    async def sweep_forever(self) -> None:
        """Sweep periodically until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.sweep()

    def _idle(self) -> list[Session]:
        idle = [session for session in self._sessions.values() if session.num_users == 0]
        return sorted(idle, key=lambda session: session.last_used_seconds)

    def _make_room(self) -> None:
        for session in self._idle():
            if self.memory_bytes <= self._settings.model_memory_bytes:
                return
            self.close(session.session_id)
        if self.memory_bytes > self._settings.model_memory_bytes:
            raise ServerFull(f"{len(self._sessions)} sessions in use hold {self.memory_bytes} bytes")

    def _make_room_now(self, needy: Session, loop: asyncio.AbstractEventLoop) -> None:
        """On the device thread, when memory has run out: release idle sessions, and drop the caches of those in use."""
        for session in list(self._sessions.values()):
            if session is needy or session.num_users > 0:
                session.drop_caches()
                continue
            session.closed = True
            session.release()
            loop.call_soon_threadsafe(self._discard, session)

    def _discard(self, session: Session) -> None:
        if self._sessions.get(session.session_id) is session:
            self.close(session.session_id)

    def _open_video(self, video: VideoReference) -> FrameReader:
        try:
            path = resolve_inside(self._settings.data_dir, video.path)
            reader = FrameReader(path, max_cached_bytes=self._settings.model_decoded_bytes)
        except OutsideDataDirectory as error:
            raise PathOutsideData(str(error)) from error
        except UnreadableVideo as error:
            raise VideoUnreadable(str(error)) from error
        found = (reader.num_frames, reader.width, reader.height)
        stated = (video.num_frames, video.width, video.height)
        if found != stated:
            reader.close()
            raise VideoUnreadable(f"{path.name} has (frames, width, height) {found}, not {stated}")
        return reader
