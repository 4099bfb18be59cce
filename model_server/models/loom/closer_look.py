"""The closer look: answers clicks and a box on a fresh frame from a window around them.

Ours. The network sees a frame at 384 pixels, where an object a tenth as wide covers only a few cells. So the first
click is answered from the whole frame, and everything after it from a window around the mask so far. Each answer is
then cut out along the colours and edges of the image, which a small network has not learned to follow.

Shapes: (H, W) the video, (h, w) a window of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from model_server.masks.components import label
from model_server.masks.grab_cut import cut_out
from model_server.masks.packed_mask import PackedMask
from model_server.models.loom.network import cells_of
from model_server.models.loom.sight import Sight
from model_server.models.loom.touch_up import touched_up
from model_server.models.loom.window import Window
from model_server.models.sam2.click_decoder import ClickDecoder
from model_server.models.sam2.frame_features import FrameFeatures, encoded
from model_server.models.sam2.geometry import InputGeometry, steps
from model_server.models.sam2.network.prediction import FramePrediction, ImageFeatures
from model_server.segmenter import Box, Click, FramePrompt, FrameSource, Mask, Steps, completed

CUT_SIDE = 192
"""Longer side, in pixels at most, to which a window is scaled before it is cut."""
CUT_REACH = 0.8
"""How far the cut may extend the mask, relative to the side of a square with its area."""
CLICK_RADIUS = 5.0
"""Radius, in pixels of the scaled window, of the disc around a click that is fixed to its side."""
LEAST_OF_BOX = 0.05
"""Smallest share of a box that its object may cover; a cut that leaves less has failed."""
DECODED_CLICKS = 3
"""The decoder answers at most this many clicks, since more do not help it; later ones touch up its answer."""
CHAINED_STEPS = 16
"""Of a prompt's clicks, so many are looked at one after the other; all later ones together, from there.

A prompt of any length thus takes at most seventeen looks. Up to there, each click sees what the one before it led to.
"""
SURE = 1.0
"""From this logit on, the cut leaves the head's answer as it is: it knows objects, the cut only colours."""
REMEMBERED_LOOKS = 64


_Key = tuple[int, PackedMask | None, FramePrompt]
"""Frame, the mask that was there before, and the prompt."""


class Sure(NamedTuple):
    """(H, W) pixels that a cut must not change."""

    inside: Mask
    outside: Mask


@dataclass(frozen=True, slots=True)
class Look:
    """The answer to a prompt."""

    mask: PackedMask
    said: FramePrediction
    """The prediction for the window, without its masks; the predicted IoU is that of the mask before the cut."""


class CloserLook:
    """Answers prompts on one video. The steps of recent prompt sets are cached, ready for the next click."""

    def __init__(
        self, decoder: ClickDecoder, source: FrameSource, features: FrameFeatures, sight: Sight | None = None
    ) -> None:
        """With `sight`, its prompt head answers instead of the decoder."""
        self._sight = sight
        self._decoder = decoder
        self._source = source
        self._features = features
        self._looks: OrderedDict[_Key, Look] = OrderedDict()

    @property
    def corrects_masks(self) -> bool:
        """Whether clicks on a mask that is there can be answered by a look."""
        return self._sight is not None and self._sight.corrects_masks

    def look(self, frame_index: int, prompt: FramePrompt, base: Mask | None = None) -> Look:
        """Answer clicks and a box, in pixels of the video; they correct the (H, W) mask `base`, if there is one."""
        return completed(self.looking(frame_index, prompt, base))

    def looking(self, frame_index: int, prompt: FramePrompt, base: Mask | None = None) -> Steps[Look]:
        """As `look`, in steps. A click more takes one look, a click less none."""
        assert base is None or self.corrects_masks
        start = None if base is None else PackedMask.pack(base)
        each = steps(prompt)
        each = each[:CHAINED_STEPS] + each[CHAINED_STEPS:][-1:]
        count, found = self._latest(frame_index, start, each)
        for step in each[count:]:
            yield
            packed = start if found is None else found.mask
            so_far = None if packed is None else packed.unpack()
            found = yield from self._step(frame_index, step, so_far)
            if base is not None and so_far is not None:
                changed = changed_where_clicked(so_far, found.mask.unpack(), step.clicks)
                found = replace(found, mask=PackedMask.pack(changed))
            self._looks[frame_index, start, step] = found
            while len(self._looks) > REMEMBERED_LOOKS:
                self._looks.popitem(last=False)
        assert found is not None, "a prompt without a mask has clicks or a box"
        return found

    def cut(self, frame_index: int, prompt: FramePrompt, mask: Mask) -> Mask:
        """Cut out a rough (H, W) mask near its boundary, with every clicked pixel on its side."""
        return _cut_around(self._source.rgb(frame_index), prompt, mask, bounded=True)

    def clear(self) -> None:
        """Drop the cached answers, and what was seen."""
        self._looks.clear()
        if self._sight is not None:
            self._sight.clear()

    def _latest(
        self, frame_index: int, start: PackedMask | None, each: Sequence[FramePrompt]
    ) -> tuple[int, Look | None]:
        """How many of these growing prompt sets are answered, and the look at the last of those."""
        for count in range(len(each), 0, -1):
            key = (frame_index, start, each[count - 1])  # the whole prompt, or another one's mask would come back
            if key in self._looks:
                self._looks.move_to_end(key)
                return count, self._looks[key]
        return 0, None

    def _step(self, frame_index: int, prompt: FramePrompt, so_far: Mask | None) -> Steps[Look]:
        height, width = self._source.height, self._source.width
        alone = so_far is None and prompt.box is None
        window = Window.whole(height, width) if alone else Window.around(prompt, so_far, height, width)
        rgb = self._source.rgb(frame_index)
        size, device = self._decoder.network.config.image_size, self._decoder.network.no_mem_embed.device
        geometry = InputGeometry(window.height, window.width, size, device)
        seen = window.seen(prompt)
        if self._sight is not None:
            view = self._sight.see((frame_index, window), window.of(rgb))
            yield
            refined = None if so_far is None else window.of(so_far)
            said = self._sight.answer(view, seen, (window.height, window.width), refined)
        else:
            features = self._features[frame_index] if alone else encoded(self._decoder.network, window.of(rgb))
            yield
            said = self._said(features, seen, geometry)
        start = window.back(geometry.video_mask(said.logits), height, width)
        if prompt.box is not None:
            start &= _filled(prompt.box, height, width)
        yield
        if self._sight is None:
            mask = start if _is_overruled(said) and start.any() else self._cut(rgb, prompt, start, so_far)
        else:
            sure = _sure(said, window, geometry, (height, width))
            if alone:
                meant = clicked_pieces(start, prompt.clicks)
                start, elsewhere = meant, start & ~meant
                sure = Sure(sure.inside & ~elsewhere, sure.outside | elsewhere)
            mask = self._trimmed(rgb, prompt, start, sure)
            mask = clicked_pieces(mask, prompt.clicks) if alone else mask
        return Look(PackedMask.pack(mask), _without_masks(said))

    def _said(self, features: ImageFeatures, prompt: FramePrompt, geometry: InputGeometry) -> FramePrediction:
        """Decode the first clicks and touch up the answer with the others."""
        first = replace(prompt, clicks=prompt.clicks[:DECODED_CLICKS])
        said = self._decoder.decode(features, first, geometry)
        if len(prompt.clicks) <= DECODED_CLICKS:
            return said
        return replace(said, logits=touched_up(said.logits, cells_of(features), prompt.clicks, geometry))

    def _cut(self, rgb: NDArray[np.uint8], prompt: FramePrompt, start: Mask, so_far: Mask | None) -> Mask:
        """Cut out the decoded (H, W) mask; the first cut of a box starts from the whole box."""
        height, width = start.shape
        if prompt.box is None:
            return _cut_around(rgb, prompt, start, bounded=True)
        inside = _filled(prompt.box, height, width)
        mask = _cut_around(rgb, prompt, inside if so_far is None else so_far, bounded=False)
        return mask if mask.sum() >= LEAST_OF_BOX * inside.sum() else start

    def _trimmed(self, rgb: NDArray[np.uint8], prompt: FramePrompt, start: Mask, sure: Sure) -> Mask:
        """Cut out the head's (H, W) mask where the head is unsure.

        What leaves a box nearly empty has failed; then the cut starts from all of its inside, and from that alone.
        """
        mask = _cut_around(rgb, prompt, start, bounded=True, sure=sure)
        if prompt.box is None:
            return mask
        inside = _filled(prompt.box, *start.shape)
        least = LEAST_OF_BOX * inside.sum()
        if min(start.sum(), mask.sum()) >= least:
            return mask
        mask = _cut_around(rgb, prompt, inside, bounded=False)
        return mask if mask.sum() >= least else inside


def clicked_pieces(mask: Mask, clicks: Sequence[Click]) -> Mask:
    """The connected pieces of an (H, W) mask that hold a positive click; all of it if none does.

    A first click means one thing around it. What looks like it elsewhere is another one; a piece that something in
    front has cut off costs one more click.
    """
    pieces, _ = label(mask)
    held = _pieces_at(pieces, [click for click in clicks if click.positive])
    return np.isin(pieces, list(held)) if held else mask


def changed_where_clicked(so_far: Mask, answer: Mask, clicks: Sequence[Click]) -> Mask:
    """Take from an (H, W) answer the connected changes that clicks fall into, or all of it if they fall into none.

    Nobody spoke against the rest of the mask. A click on what is right already asks to look at all of it again.
    """
    places, _ = label(so_far ^ answer)
    asked = _pieces_at(places, clicks)
    return np.where(np.isin(places, list(asked)), answer, so_far) if asked else answer


def _pieces_at(pieces: NDArray[np.int32], clicks: Sequence[Click]) -> set[int]:
    """The labels, as of `label`, of the pieces that clicks fall into."""
    height, width = pieces.shape
    at = [(min(max(round(each.y), 0), height - 1), min(max(round(each.x), 0), width - 1)) for each in clicks]
    return {int(pieces[y, x]) for y, x in at} - {0}


def _sure(said: FramePrediction, window: Window, geometry: InputGeometry, size: tuple[int, int]) -> Sure:
    """The (H, W) pixels that the head is sure of: of the object, and not of it."""
    logits = geometry.video_logits(said.logits)[0, 0].cpu().numpy()
    inside, outside = (window.back(pixels, *size) for pixels in (logits > SURE, logits < -SURE))
    return Sure(inside, outside)


def _without_masks(said: FramePrediction) -> FramePrediction:
    """The prediction without its large tensors."""
    candidates = replace(said.candidates, masks=said.candidates.masks[..., :0, :0].clone())
    return replace(said, logits=said.logits[..., :0, :0].clone(), candidates=candidates)


def _is_overruled(said: FramePrediction) -> bool:
    """Whether a person chose a candidate other than the network's own choice; it is then shown as decoded.

    After the cut, the candidates would often be identical.
    """
    return said.multimask and int(said.mask_index) - 1 != int(said.offered_ious.argmax())


def _cut_around(
    rgb: NDArray[np.uint8], prompt: FramePrompt, start: Mask, *, bounded: bool, sure: Sure | None = None
) -> Mask:
    """Cut out an (H, W) mask in a window around it; if `bounded`, it cannot grow far beyond `start`.

    Clicks and a box come before what is `sure`.
    """
    window = Window.around(prompt, start, *start.shape)
    scale = min(1.0, CUT_SIDE / max(window.height, window.width))
    size = max(1, round(window.height * scale)), max(1, round(window.width * scale))
    image = np.clip(_resized(torch.as_tensor(np.ascontiguousarray(window.of(rgb))).permute(2, 0, 1), size), 0, 255)
    small = _resized(torch.as_tensor(np.ascontiguousarray(window.of(start)))[None], size)[0] >= 0.5
    seen = window.seen(prompt)
    inside, outside = _known(seen.clicks, scale, size)
    if sure is not None:
        kept, left = (_resized(torch.as_tensor(np.ascontiguousarray(window.of(x)))[None], size)[0] > 0.99 for x in sure)
        inside, outside = inside | (kept & ~outside), outside | (left & ~inside)
    if seen.box is not None:
        box = Box(*(corner * scale for corner in (seen.box.x0, seen.box.y0, seen.box.x1, seen.box.y1)))
        outside |= ~_filled(box, *size)
        inside &= ~outside
    if bounded and small.any():
        outside |= ~_spread(small, max(1, int(CUT_REACH * float(small.sum()) ** 0.5))) & ~inside
    pixels = np.ascontiguousarray(image.transpose(1, 2, 0)).round().astype(np.uint8)
    mask = cut_out(pixels, small | inside, inside, outside)
    back = _resized(torch.as_tensor(mask)[None], (window.height, window.width))[0] >= 0.5
    return window.back(back, *start.shape)


def _known(clicks: Sequence[Click], scale: float, size: tuple[int, int]) -> tuple[Mask, Mask]:
    """Pixels fixed inside, and outside: discs around clicks, up to a third of the way to an opposite click."""
    inside, outside = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    y, x = np.mgrid[: size[0], : size[1]]
    for click in clicks:
        others = [other for other in clicks if other.positive != click.positive]
        apart = min((np.hypot(other.x - click.x, other.y - click.y) for other in others), default=np.inf)
        radius = min(CLICK_RADIUS, apart * scale / 3)
        row, column = (click.y + 0.5) * scale - 0.5, (click.x + 0.5) * scale - 0.5
        disc = (y - row) ** 2 + (x - column) ** 2 <= radius**2
        disc[min(max(round(row), 0), size[0] - 1), min(max(round(column), 0), size[1] - 1)] = True
        inside, outside = (inside | disc, outside & ~disc) if click.positive else (inside & ~disc, outside | disc)
    return inside, outside


def _filled(box: Box, height: int, width: int) -> Mask:
    """(height, width) bool, True inside the box, which covers at least one pixel."""
    top, left = min(max(round(box.y0), 0), height - 1), min(max(round(box.x0), 0), width - 1)
    filled = np.zeros((height, width), np.bool_)
    filled[top : max(round(box.y1), top + 1), left : max(round(box.x1), left + 1)] = True
    return filled


def _spread(mask: Mask, reach: int) -> Mask:
    """Dilate the mask by `reach` pixels along both axes."""
    grown = torch.as_tensor(mask)[None, None].float()
    for kernel in ((2 * reach + 1, 1), (1, 2 * reach + 1)):
        grown = F.max_pool2d(grown, kernel, stride=1, padding=(kernel[0] // 2, kernel[1] // 2))
    return grown[0, 0].numpy() > 0


def _resized(x: torch.Tensor, size: tuple[int, int]) -> NDArray[np.float32]:
    """(C, h, w) of any type -> (C, *size) float32, bilinear and antialiased."""
    return F.interpolate(x[None].float(), size=size, mode="bilinear", antialias=True)[0].numpy()
