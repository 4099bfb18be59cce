"""The stored prompts of the sample clip, in pixels of the clip, with 0-based frame indices."""

from dataclasses import dataclass
from typing import Any

PROJECT_NAME = "Sample"
VIDEO_NAME = "meadow.mp4"


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """A click and a box (left, top, right, bottom) around one object on one frame."""

    frame_index: int
    click: tuple[float, float]
    box: tuple[float, float, float, float]

    def body(self) -> dict[str, Any]:
        """The body of the request."""
        x, y = self.click
        corners = dict(zip(("x0", "y0", "x1", "y1"), self.box, strict=True))
        return {"clicks": [{"x": x, "y": y, "label": "positive"}], "box": corners}


PROMPTS: dict[str, tuple[StoredPrompt, ...]] = {
    "Ball": (StoredPrompt(0, (70, 262), (40, 232, 99, 291)),),
    "Car": (StoredPrompt(0, (583, 198), (529, 170, 639, 225)),),
    "Kite": (StoredPrompt(0, (486, 87), (461, 57, 515, 122)),),
    "Balloon": (StoredPrompt(0, (352, 80), (325, 47, 378, 116)),),
}
"""Prompts by the object's name. All begin on frame 0, where the propagation starts."""
