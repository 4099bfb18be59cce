"""Finish, in the background, prompts that never got their masks."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from backend.annotation.prompts.service import PromptService
from backend.annotation.record import history_queries
from backend.background import background
from backend.db.engine import Sessions
from backend.model_client.problems import ModelServerUnavailable, ModelUnusable

_log = structlog.get_logger()
_PAUSE_SECONDS = 1.0
_MOST_FAILURES = 2  # of ours: those of the model are counted with the prompt
_LOOK_SECONDS = 2.0
_NO_MODEL_SECONDS = 30.0  # before a prompt without a usable model is tried again, unless something changed
_LEFT_AFTER = timedelta(seconds=4)  # a younger prompt is most likely still being answered


class PromptFinisher:
    """Sleeps until a prompt may be unfinished, then tries until all are finished."""

    def __init__(self, reading: Sessions, prompts: PromptService) -> None:
        self._reading = reading
        self._prompts = prompts
        self._wanted = asyncio.Event()
        self._failures: Counter[UUID] = Counter()
        self._without_model: dict[UUID, float] = {}  # until when

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Work while the block lasts, on what this backend and others have left unfinished."""
        self.want()
        async with background(self._work(), self._look_around()):
            yield

    def want(self) -> None:
        """Wake up: a prompt may be waiting for its mask, or there is another model."""
        self._without_model.clear()
        self._wanted.set()

    async def _work(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if await self._finish_all():
                continue
            await asyncio.sleep(_PAUSE_SECONDS)
            self._wanted.set()

    async def _look_around(self) -> None:
        """Look for prompts of backends that were killed: any other backend finishes them."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            with suppress(DBAPIError):
                async with self._reading() as session:
                    left = await history_queries.masklets_with_unfinished_prompts(session, older_than=_LEFT_AFTER)
                if any(self._is_due(masklet_id) for masklet_id in left):
                    self._wanted.set()

    def _is_due(self, masklet_id: UUID) -> bool:
        waits = self._without_model.get(masklet_id, 0.0) > time.monotonic()
        return self._failures[masklet_id] < _MOST_FAILURES and not waits

    async def _finish_all(self) -> bool:
        """Return False if the model server or the database is down and prompts may be left."""
        try:
            async with self._reading() as session:
                waiting = await history_queries.masklets_with_unfinished_prompts(session)
            for masklet_id in waiting:
                if self._is_due(masklet_id):
                    await self._finish(masklet_id)
        except (ModelServerUnavailable, DBAPIError):
            return False
        return True

    async def _finish(self, masklet_id: UUID) -> None:
        try:
            await self._prompts.finish(masklet_id)
            del self._failures[masklet_id]
            _log.info("prompt.finished_late", masklet_id=str(masklet_id))
        except (ModelServerUnavailable, DBAPIError):
            raise
        except ModelUnusable as error:  # `want` is called again when the project chooses another model
            self._without_model[masklet_id] = time.monotonic() + _NO_MODEL_SECONDS
            _log.info("prompt.waits_for_a_model", masklet_id=str(masklet_id), detail=error.detail)
        except Exception as error:
            self._failures[masklet_id] += 1
            _log.warning("prompt.failed", masklet_id=str(masklet_id), exc_info=error)
