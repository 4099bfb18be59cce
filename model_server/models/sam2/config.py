"""Hyperparameters of every SAM 2 network that Maskloom can build.

What all released checkpoints share (four mask tokens, two decoder layers, the stride of 16 ...) is a constant next to
the code that uses it; what differs between them, or is smaller in our networks, is a field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, cast

Revision = Literal["2.0", "2.1"]


@dataclass(frozen=True, slots=True)
class Sam2Config:
    """One network. Sizes are pixels or channels; tuples run from the finest stage to the coarsest."""

    name: str
    image_size: int = 1024
    revision: Revision = "2.1"
    """2.1 adds a learned "object is absent" vector to the memory and a time code to the object pointers."""

    embed_dim: int = 96
    num_heads: int = 1
    stages: tuple[int, ...] = (1, 2, 7, 2)
    global_attention_blocks: tuple[int, ...] = (5, 7, 9)
    window_sizes: tuple[int, ...] = (8, 4, 14, 7)
    background_grid: tuple[int, int] = (7, 7)
    drop_path: float = 0.0
    """Probability of skipping the last block's branches while training, growing linearly from 0 at the first."""

    d_model: int = 256
    decoder_heads: int = 8
    decoder_mlp_dim: int = 2048
    iou_head_dim: int = 256

    mem_dim: int = 64
    memory_layers: int = 4
    memory_mlp_dim: int = 2048
    memory_mask_channels: tuple[int, ...] = (4, 16, 64, 256)
    memory_slots: int = 7
    """Temporal positions: 0 the previous frame ... slots - 2 the oldest, the last one every conditioning frame."""
    max_object_pointers: int = 16
    dropout: float = 0.1

    def to_metadata(self) -> dict[str, Any]:
        """The fields as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_metadata(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of `to_metadata`. Raises TypeError for an unknown field, unless it is zero or false.

        Such a field is switched off, so it can be dropped: files were once written with the fields of every network.
        """
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in stored.items():
            if name in known or value:
                values[name] = tuple(cast("list[Any]", value)) if isinstance(value, list) else value
        return cls(**values)

    def size_problem(self) -> str | None:
        """Why images of this size cannot be encoded, or None if they can."""
        return None


_TINY = Sam2Config("sam2.1_hiera_tiny")
_RELEASED = (
    _TINY,
    replace(_TINY, name="sam2.1_hiera_small", stages=(1, 2, 11, 2), global_attention_blocks=(7, 10, 13)),
    replace(
        _TINY,
        name="sam2.1_hiera_base_plus",
        embed_dim=112,
        num_heads=2,
        stages=(2, 3, 16, 3),
        global_attention_blocks=(12, 16, 20),
        background_grid=(14, 14),
    ),
    replace(
        _TINY,
        name="sam2.1_hiera_large",
        embed_dim=144,
        num_heads=2,
        stages=(2, 6, 36, 4),
        global_attention_blocks=(23, 33, 43),
        window_sizes=(8, 4, 16, 8),
    ),
)
_MINI = Sam2Config(
    "mini",
    image_size=256,
    embed_dim=24,
    stages=(1, 2, 3, 2),
    global_attention_blocks=(5,),
    d_model=64,
    mem_dim=16,
    memory_layers=2,
    memory_mlp_dim=128,
)


def _released_2_0(config: Sam2Config) -> Sam2Config:
    return replace(config, name=config.name.replace("sam2.1", "sam2"), revision="2.0")


PRESETS: dict[str, Sam2Config] = {
    config.name: config
    for config in (
        *_RELEASED,
        *map(_released_2_0, _RELEASED),
        _MINI,
        replace(_MINI, name="mini-2.0", revision="2.0"),
    )
}
"""Every named network: the eight released ones and two small ones for tests."""
