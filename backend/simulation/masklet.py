"""A masklet through the API, as a browser keeps it: its version, its masks, and what has changed since."""

import time
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from backend.client.connection import SiteConnection
from backend.terminal import TerminalError

Mask = NDArray[np.bool_]
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 3600.0


class RemoteMasklet:
    """An object in one phase, to prompt, draw and propagate."""

    def __init__(self, site: SiteConnection, video: dict[str, Any], name: str) -> None:
        self._site = site
        self._video_id = str(video["id"])
        self._shape = int(video["height"]), int(video["width"])
        self._seq = int(self._changes(0)["seq"])
        made = site.send("POST", f"/api/videos/{self._video_id}/masklets", {"name": name}, key=uuid4())
        self.id = str(made["id"])
        self._version = int(made["version"])
        self._masks: dict[int, dict[str, Any]] = {}

    def mask(self, frame_index: int) -> Mask | None:
        """The mask that the stage shows, (height, width); None if it is unknown."""
        found = self._masks.get(frame_index)
        if found is None:
            return None
        encoded: Any = {"size": list(found["size"]), "counts": found["counts"]}
        return coco.decode(encoded).astype(bool)

    def prompt(self, frame_index: int, clicks: list[dict[str, Any]]) -> Mask:
        """Replace the frame's clicks. Returns the mask that answers them."""
        body = {"clicks": clicks, "box": None, "candidate": None}
        self._edit("PUT", f"frames/{frame_index}/prompts", body, frame_index)
        mask = self.mask(frame_index)
        assert mask is not None, "a prompt that was answered has a mask"
        return mask

    def draw(self, frame_index: int, mask: Mask) -> None:
        """Replace the frame's mask with one drawn by hand."""
        self._edit("PUT", f"frames/{frame_index}/mask", {"mask": _encoded(mask), "tool": "brush"}, frame_index)

    def mark_absent(self, frame_index: int) -> None:
        mask = np.zeros(self._shape, bool)
        self._edit("PUT", f"frames/{frame_index}/mask", {"mask": _encoded(mask), "tool": "absent"}, frame_index)

    def clear(self, frame_index: int) -> None:
        """Remove the frame's clicks and mask; the next clicks begin anew."""
        self._edit("DELETE", f"frames/{frame_index}", None, frame_index)

    def propagate(self, start: int, last: int) -> None:
        """Propagate the mask forward to the last frame, and wait for the end.

        Raises:
            TerminalError: the propagation failed or was cancelled.
            TimeoutError: it took more than an hour.
        """
        body = {"masklet_ids": [self.id], "start_frame": start, "last_frame": last, "direction": "forward"}
        run = self._site.send("POST", f"/api/videos/{self._video_id}/runs", body, key=uuid4())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while run["state"] in {"queued", "running"}:
            if time.monotonic() > deadline:
                raise TimeoutError("a propagation does not end")
            time.sleep(_POLL_SECONDS)
            run = self._site.get(f"/api/runs/{run['id']}")
        if run["state"] != "done":
            raise TerminalError(f"the propagation is {run['state']}: {run['problem']}")
        self._catch_up()

    def _edit(self, method: str, path: str, body: dict[str, Any] | None, frame_index: int) -> None:
        url = f"/api/masklets/{self.id}/{path}"
        answer = self._site.send(method, url, body, key=uuid4(), version=self._version)
        self._version = int(answer["masklet"]["version"])
        self._take(frame_index, answer["frame"])

    def _catch_up(self) -> None:
        more = True
        while more:
            changes = self._changes(self._seq)
            for frame in changes["frames"]:
                if frame["masklet_id"] == self.id:
                    self._take(int(frame["frame_index"]), frame)
            for masklet in changes["masklets"]:
                if masklet["id"] == self.id:
                    self._version = int(masklet["version"])
            self._seq, more = int(changes["seq"]), bool(changes["more"])

    def _take(self, frame_index: int, frame: dict[str, Any]) -> None:
        if frame["mask"] is None:
            self._masks.pop(frame_index, None)
        else:
            self._masks[frame_index] = frame["mask"]

    def _changes(self, after: int) -> Any:
        return self._site.get(f"/api/videos/{self._video_id}/changes?after={after}")


def _encoded(mask: Mask) -> dict[str, Any]:
    """A mask in the form that the API takes."""
    counts = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    return {"size": list(mask.shape), "counts": counts.decode() if isinstance(counts, bytes) else counts}
