"""A dependency for routes that change which model answers: prompts may have been waiting for one that works."""

from fastapi import BackgroundTasks, Depends

from backend.annotation.engine import Engine


def _ask_again(engine: Engine, afterwards: BackgroundTasks) -> None:
    afterwards.add_task(engine.finisher.want)


ASK_AGAIN = Depends(_ask_again)
"""Asks the model again, once the response is sent, for the masks that stored prompts still wait for."""
