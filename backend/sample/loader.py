"""Load the sample project. All steps can be repeated, so an interrupted attempt is simply run again."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from backend.sample.api import Api, RefusedError
from backend.sample.clip import write_clip
from backend.sample.prompts import PROJECT_NAME, PROMPTS, VIDEO_NAME, StoredPrompt

_NAMESPACE = UUID("5f0c2f0e-6d0d-4f0a-9a55-0d1f8a1b7c11")
_POLL_SECONDS = 0.3
_PATIENCE_SECONDS = 1800

Say = Callable[[str], None]


def load_sample(api: Api, say: Say) -> None:
    """Create the project, upload the clip, prompt its objects and propagate them.

    Raises:
        RefusedError: the server rejected a step.
        TimeoutError: a step took more than half an hour.
    """
    project = api.send("POST", "/projects", {"name": PROJECT_NAME, "is_sample": True}, key=_key("project"))
    video = _upload(api, project["id"], say)
    masklets = [_prompted(api, video["id"], name, prompts) for name, prompts in PROMPTS.items()]
    say(f"{len(masklets)} objects prompted, propagating")
    body = {"masklet_ids": masklets, "start_frame": 0, "direction": "forward"}
    run = api.send("POST", f"/videos/{video['id']}/runs", body, key=_key("run"))
    _follow(api, run["id"], say)
    say("ready")


def _upload(api: Api, project: str, say: Say) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        say("drawing the clip")
        clip = Path(folder) / VIDEO_NAME
        write_clip(clip)
        video = api.upload(project, clip, name=VIDEO_NAME, key=_key("video"))

    def state() -> Any:
        return api.get(f"/videos/{video['id']}")

    ready = _wait(state, lambda now: now["state"] != "ingesting", lambda now: _progress("ingesting", now["job"]), say)
    if ready["state"] == "failed":
        raise RefusedError(ready["problem"]["detail"])
    return ready


def _prompted(api: Api, video: str, name: str, prompts: Sequence[StoredPrompt]) -> str:
    """Create a masklet and send its prompts. Returns its id."""
    masklet = api.send("POST", f"/videos/{video}/masklets", {"name": name}, key=_key(f"masklet {name}"))
    version = masklet["version"]
    for prompt in prompts:
        path = f"/masklets/{masklet['id']}/frames/{prompt.frame_index}/prompts"
        key = _key(f"prompt {name} {prompt.frame_index}")
        version = api.send("PUT", path, prompt.body(), key=key, version=version)["masklet"]["version"]
    return str(masklet["id"])


def _follow(api: Api, run: str, say: Say) -> None:
    def state() -> Any:
        return api.get(f"/runs/{run}")

    over = _wait(
        state,
        lambda now: now["state"] not in {"queued", "running"},
        lambda now: _progress("propagating", now),
        say,
    )
    if over["state"] != "done":
        raise RefusedError(f"the propagation is {over['state']}")


def _wait(state: Callable[[], Any], is_over: Callable[[Any], bool], describe: Callable[[Any], str], say: Say) -> Any:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    said = ""
    while not is_over(now := state()):
        if (line := describe(now)) != said:
            say(line)
            said = line
        if time.monotonic() > deadline:
            raise TimeoutError(said)
        time.sleep(_POLL_SECONDS)
    return now


def _progress(what: str, work: Any) -> str:
    """The progress in steps of ten percent, so that the terminal gets a few lines and not hundreds."""
    tenths = work["done"] * 10 // work["total"] if work and work["total"] else 0
    return f"{what}, {tenths * 10} %" if tenths else what


def _key(step: str) -> UUID:
    return uuid5(_NAMESPACE, step)
