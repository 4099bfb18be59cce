"""Tell whoever waits for a usable model that another one answers now."""

from collections.abc import Callable
from typing import Any

from fastapi import BackgroundTasks, Depends, Request


def _announce(request: Request, afterwards: BackgroundTasks) -> None:
    on_model_change: Callable[[], None] = request.state.on_model_change
    afterwards.add_task(on_model_change)


MODEL_CHANGE: Any = Depends(_announce)
"""For `dependencies=[...]` of routes that change which model answers: prompts may have waited for one that works.

The application says in its state, as `on_model_change`, who is to be told once the response has left.
"""
