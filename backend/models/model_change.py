"""The announcement that another model answers now, for work that is waiting for a usable one."""

from collections.abc import Callable
from typing import Any

from fastapi import BackgroundTasks, Depends, Request


async def _announce(request: Request, afterwards: BackgroundTasks) -> None:
    on_model_change: Callable[[], None] = request.state.on_model_change
    afterwards.add_task(on_model_change)


MODEL_CHANGE: Any = Depends(_announce)
"""For `dependencies=[...]` of routes that change which model answers, because prompts may be waiting for a usable one.

The application sets `on_model_change` in its state; it is called after the response has been sent.
"""
