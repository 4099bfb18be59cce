"""What a person clicked in the sample clip, stored: pixels of the clip, frame indices from 0."""

from dataclasses import dataclass
from typing import Any

PROJECT_NAME = "Sample"
VIDEO_NAME = "meadow.mp4"


@dataclass(frozen=True, slots=True)
class StoredPrompt:
    """One object, boxed and clicked on one frame."""

    name: str
    frame_index: int
    click: tuple[float, float]
    box: tuple[float, float, float, float]

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        x, y = self.click
        corners = dict(zip(("x0", "y0", "x1", "y1"), self.box, strict=True))
        return {"clicks": [{"x": x, "y": y, "label": "positive"}], "box": corners}


PROMPTS: tuple[StoredPrompt, ...] = (
    StoredPrompt("Ball", 0, (70, 262), (40, 232, 100, 292)),
    StoredPrompt("Car", 0, (580, 205), (529, 169, 639, 225)),
    StoredPrompt("Kite", 0, (484, 84), (461, 56, 516, 122)),
    StoredPrompt("Balloon", 0, (352, 80), (324, 47, 381, 117)),
)
