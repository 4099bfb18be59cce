"""SAM 2 networks, or those of one kind built on them: how they are configured, made and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.network.sam2 import Sam2


@dataclass(frozen=True, slots=True)
class NetworkFamily:
    """Networks that share a class, a configuration and a way to be stored."""

    network: type[Sam2]
    config: type[Sam2Config]
    presets: tuple[Sam2Config, ...]

    def describes(self, stored: Mapping[str, Any]) -> bool:
        """Whether a configuration on disk switches on what the networks of this family have and SAM 2 has not."""
        added = {item.name for item in fields(self.config)} - {item.name for item in fields(Sam2Config)}
        return any(stored.get(name) for name in added)


SAM2_FAMILY = NetworkFamily(Sam2, Sam2Config, tuple(PRESETS.values()))
