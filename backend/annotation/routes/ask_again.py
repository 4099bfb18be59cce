from fastapi import BackgroundTasks, Depends

from backend.annotation.engine import Desk


def _ask_again(desk: Desk, afterwards: BackgroundTasks) -> None:
    afterwards.add_task(desk.finisher.want)


ASK_AGAIN = Depends(_ask_again)
"""For routes that change which model answers: prompts may have waited for one that can be used."""
