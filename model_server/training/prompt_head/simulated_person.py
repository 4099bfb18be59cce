"""The simulated person: where first clicks, boxes and corrections fall.

Shapes: a truth is an (S, S) mask; clicks and boxes are in its pixels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model_server.masks.middle import distance_inside, middle
from model_server.segmenter import Box, Click, FramePrompt, Mask

BOX_NOISE, BOX_NOISE_PIXELS = 0.06, 20.0
"""Standard deviation of a side of a box, relative to the box, and the most it is off."""
ANYWHERE = 0.5
"""Share of the first clicks that fall anywhere on the object; the others fall well inside."""
CARELESS = 0.15
"""Share of the corrections that fall anywhere on what is wrong; the others in the middle of the thicker error."""


def middle_click(truth: Mask) -> Click:
    """A click where the object is thickest, as in the evaluation."""
    x, y, _ = middle(truth)
    return Click(x, y, positive=True)


def first_click(truth: Mask, random: np.random.Generator) -> Click:
    """A click on the object."""
    if random.random() < ANYWHERE:
        return _anywhere(truth, truth, random)
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    depth = distance_inside(np.pad(truth[part], 1))[1:-1, 1:-1]
    inside = np.zeros_like(truth)
    inside[part] = depth >= depth.max() * random.uniform(0.5, 1)
    return _anywhere(inside, truth, random)


def exact_box(truth: Mask) -> Box:
    """The box around the object."""
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1]))


def loose_box(truth: Mask, random: np.random.Generator) -> Box:
    """The box around the object, each side a little off."""
    box = exact_box(truth)
    width, height = box.x1 - box.x0 + 1, box.y1 - box.y0 + 1
    off: NDArray[np.float64] = random.normal(0, BOX_NOISE, 4) * [width, height, width, height]
    left, top, right, bottom = off.clip(-BOX_NOISE_PIXELS, BOX_NOISE_PIXELS).tolist()
    return Box(box.x0 + left, box.y0 + top, box.x1 + right, box.y1 + bottom)


def corrected(
    prompt: FramePrompt | None, truth: Mask, answer: Mask, random: np.random.Generator, *, careless: float = CARELESS
) -> FramePrompt:
    """The prompt, if any, with one more click on what is wrong in the answer; on the object if nothing is."""
    click = _correction(truth, answer, random, careless)
    return FramePrompt((click,)) if prompt is None else replace(prompt, clicks=(*prompt.clicks, click))


def _correction(truth: Mask, answer: Mask, random: np.random.Generator, careless: float) -> Click:
    missing, excess = truth & ~answer, answer & ~truth
    wrong = missing | excess
    if not wrong.any():
        return first_click(truth, random)
    if random.random() < careless:
        return _anywhere(wrong, truth, random)
    thickest = [middle(error) if error.any() else (0.0, 0.0, 0.0) for error in (missing, excess)]
    is_missing = thickest[0][2] >= thickest[1][2]
    x, y, _ = thickest[0 if is_missing else 1]
    return Click(x, y, positive=is_missing)


def _anywhere(pool: Mask, truth: Mask, random: np.random.Generator) -> Click:
    chosen = int(random.choice(np.flatnonzero(pool)))
    y, x = divmod(chosen, pool.shape[1])
    return Click(float(x), float(y), positive=bool(truth[y, x]))
