"""Load the sample project. All steps can be repeated, so an interrupted attempt is simply run again."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from backend.client.connection import SiteConnection
from backend.sample.clip import write_clip
from backend.sample.prompts import PROJECT_NAME, PROMPTS, VIDEO_NAME, StoredPrompt
from backend.terminal import TerminalError

_NAMESPACE = UUID("5f0c2f0e-6d0d-4f0a-9a55-0d1f8a1b7c11")
_POLL_SECONDS = 0.3
_PATIENCE_SECONDS = 1800

Say = Callable[[str], None]


def load_sample(site: SiteConnection, say: Say) -> None:
    """Create the project, upload the clip, prompt its objects and propagate them.

    Raises:
        TerminalError: the site refused a step, or cannot be reached.
        TimeoutError: a step took more than half an hour.
    """
    project = site.send("POST", "/api/projects", {"name": PROJECT_NAME, "is_sample": True}, key=_key("project"))
    video = _upload(site, project["id"], say)
    masklets = [_prompted(site, video["id"], name, prompts) for name, prompts in PROMPTS.items()]
    say(f"{len(masklets)} objects prompted, propagating")
    body = {"masklet_ids": masklets, "start_frame": 0, "direction": "forward"}
    run = site.send("POST", f"/api/videos/{video['id']}/runs", body, key=_key("run"))
    _follow(site, run["id"], say)
    say("ready")


def _upload(site: SiteConnection, project: str, say: Say) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        say("drawing the clip")
        clip = Path(folder) / VIDEO_NAME
        write_clip(clip)
        video = site.upload(f"/api/projects/{project}/videos", clip, name=VIDEO_NAME, key=_key("video"))

    def state() -> Any:
        return site.get(f"/api/videos/{video['id']}")

    ready = _wait(state, lambda now: now["state"] != "ingesting", lambda now: _progress("ingesting", now["job"]), say)
    if ready["state"] == "failed":
        raise TerminalError(ready["problem"]["detail"])
    return ready


def _prompted(site: SiteConnection, video: str, name: str, prompts: Sequence[StoredPrompt]) -> str:
    """Create a masklet and send its prompts. Returns its id."""
    masklet = site.send("POST", f"/api/videos/{video}/masklets", {"name": name}, key=_key(f"masklet {name}"))
    version = masklet["version"]
    for prompt in prompts:
        path = f"/api/masklets/{masklet['id']}/frames/{prompt.frame_index}/prompts"
        key = _key(f"prompt {name} {prompt.frame_index}")
        version = site.send("PUT", path, prompt.body(), key=key, version=version)["masklet"]["version"]
    return str(masklet["id"])


def _follow(site: SiteConnection, run: str, say: Say) -> None:
    def state() -> Any:
        return site.get(f"/api/runs/{run}")

    over = _wait(
        state,
        lambda now: now["state"] not in {"queued", "running"},
        lambda now: _progress("propagating", now),
        say,
    )
    if over["state"] != "done":
        raise TerminalError(f"the propagation is {over['state']}")


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
