"""The tracker of the model in the box: closer look, touch-up, and masks carried cell by cell.

Shapes: K objects, h x w the stride-16 grid, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from model_server.masks.packed_mask import PackedMask
from model_server.models.loom.cells import Cells
from model_server.models.loom.closer_look import CloserLook
from model_server.models.loom.correspondence import expected_iou, presence
from model_server.models.loom.network import Loom
from model_server.models.loom.reappearance import reappeared
from model_server.models.loom.shots import Shots
from model_server.models.loom.sight import Sight
from model_server.models.loom.sources import carry_together, recognised
from model_server.models.loom.touch_up import is_beyond_touching_up, touched_up
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.sam2.network.prediction import FramePrediction
from model_server.models.sam2.tracking.memory_bank import MemoryBank
from model_server.models.sam2.tracking.remembered_frame import Base, PromptAnswer, RememberedFrame
from model_server.models.sam2.tracking.tracker import OpenVideo
from model_server.segmenter import Direction, FramePrompt, Mask, Steps


class LoomTracker:
    """Implements `model_server.models.sam2.tracking.tracker.Tracker` with a network that has a correspondence."""

    def __init__(self, network: Loom, video: OpenVideo, trunk: EfficientNetLite | None = None) -> None:
        """With a trunk, the network's prompt head answers clicks and boxes, and its neck describes cells.

        What the network lacks of both is left to its own encoder and decoder.
        """
        self._network = network
        self._video = video
        sight = None if trunk is None else Sight(network, trunk)
        answering = sight if network.config.answers_by_trunk else None
        self._closer_look = CloserLook(video.decoder, video.source, video.features, answering)
        self._cells = Cells(network, video.source, video.features, sight)
        self._shots = Shots(self._cells, network.correspondence.scene)

    def answering(
        self,
        bank: MemoryBank,
        frame_index: int,
        prompt: FramePrompt,
        direction: Direction | None,
        base: Base | None,
    ) -> Steps[PromptAnswer]:
        """A closer look at the frame answers, and corrects the mask that was carried to the frame or drawn there.

        It corrects what the person sees, not what the cells say of it. Without a prompt head that was taught so, the
        cells are touched up instead. A box begins anew.
        """
        there = None
        if base is not None and not prompt.box and (base.logits > 0).any():
            if not self._closer_look.corrects_masks:
                return (yield from self._touching_up(frame_index, prompt, base.logits))
            there = self._video.geometry.video_mask(base.logits) if base.mask is None else base.mask.unpack()
        look = yield from self._closer_look.looking(frame_index, prompt, there)
        yield
        adopted = self.adopted(frame_index, look.mask.unpack())
        said = replace(
            look.said,
            logits=adopted.logits,
            object_score=adopted.object_score,
            object_pointer=adopted.object_pointer,
        )
        return PromptAnswer(said, look.mask)

    def adopted(self, frame_index: int, mask: Mask) -> FramePrediction:
        """Take a given mask as the answer; where the trunk describes the cells, without running the encoder for it."""
        if not self._network.config.carries_by_trunk:
            return self._video.adopted(frame_index, mask)
        return self._network.take_mask(self._video.geometry.mask(mask))

    def propagate(self, banks: Sequence[MemoryBank], frame_index: int, direction: Direction) -> list[RememberedFrame]:
        """Carry the masks by correspondence, from the remembered frames that show the same scene."""
        objects: list[dict[int, Tensor]] = []
        for bank in banks:
            chosen = recognised(bank, self._shots, frame_index, direction, self._video.memory.rules)
            objects.append({index: self._video.memory.logits(bank.frames[index]) for index in chosen})
        carried = carry_together(self._network.correspondence, self._cells, frame_index, objects)
        carried = [
            self._found_again(bank, frame_index, logits) if sources else logits
            for bank, sources, logits in zip(banks, objects, carried, strict=True)
        ]
        drawn = self._cells.drawn(frame_index, torch.cat(carried, dim=1)) or [None] * len(banks)
        return [
            _carried_frame(logits, mask, direction, is_lost=not sources)
            for logits, mask, sources in zip(carried, drawn, objects, strict=True)
        ]

    def _found_again(self, bank: MemoryBank, frame_index: int, carried: Tensor) -> Tensor:
        """Carried logits; if they do not show the object, those of it somewhere else in the frame, if it is found."""
        if float(presence(carried)) > 0 or not self._network.config.carries_by_trunk:
            return carried
        shown = [index for index in bank.conditioning if bank.frames[index].object_score > 0]
        if not shown:
            return carried
        nearest = min(shown, key=lambda index: (abs(index - frame_index), index))
        share = self._video.memory.logits(bank.frames[nearest]).float().sigmoid()
        sharpness = self._network.correspondence.sharpness.exp()
        found = reappeared(self._cells[frame_index], self._cells[nearest], share, sharpness)
        return carried if found is None else found

    def warm(self, frame_index: int) -> None:
        """Describe a frame's cells ahead of use."""
        _ = self._cells[frame_index]

    def cached_bytes(self) -> int:
        """Bytes held by answers to prompts and by described cells."""
        return self._video.decoder.answered.num_bytes() + self._cells.num_bytes()

    def drop_caches(self) -> None:
        """Drop the cached answers to prompts, and what the trunk saw."""
        self._closer_look.clear()
        self._cells.clear()

    def _touching_up(self, frame_index: int, prompt: FramePrompt, base: Tensor) -> Steps[PromptAnswer]:
        """Change the mask around the clicks; if they show it to be wrong altogether, cut it out anew."""
        geometry, cells = self._video.geometry, self._cells[frame_index]
        yield
        logits = touched_up(base, cells, prompt.clicks, geometry)
        if not is_beyond_touching_up(base, prompt.clicks, geometry):
            features = None if self._network.config.carries_by_trunk else self._video.features[frame_index]
            return PromptAnswer(self._network.adopt_carried(features, logits))
        yield
        mask = self._closer_look.cut(frame_index, prompt, geometry.video_mask(logits))
        return PromptAnswer(self.adopted(frame_index, mask), PackedMask.pack(mask))


def _carried_frame(logits: Tensor, mask: Mask | None, direction: Direction, *, is_lost: bool) -> RememberedFrame:
    """A frame with carried (1, 1, 4h, 4w) logits, and the (H, W) mask if it is known in more detail than they say.

    Its pointer is made when a frame first attends to it.
    """
    return RememberedFrame(
        origin="tracked",
        object_score=float(presence(logits)),
        predicted_iou=float(expected_iou(logits)),
        is_conditioning=False,
        direction=direction,
        says_nothing=is_lost,
        mask=None if mask is None else PackedMask.pack(mask),
        logits=logits.clone(),
    )
