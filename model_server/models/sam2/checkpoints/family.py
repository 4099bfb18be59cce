"""Families of networks: SAM 2, and each kind of network built on it, with class, configuration and presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.network.sam2 import Sam2


@dataclass(frozen=True, slots=True)
class NetworkFamily:
    """Networks that share a class, a configuration and a file layout."""

    network: type[Sam2]
    config: type[Sam2Config]
    presets: tuple[Sam2Config, ...]

    def describes(self, stored: Mapping[str, Any]) -> bool:
        """Whether a stored configuration enables a part that this family has and SAM 2 lacks."""
        added = {item.name for item in fields(self.config)} - {item.name for item in fields(Sam2Config)}
        return any(stored.get(name) for name in added)


SAM2_FAMILY = NetworkFamily(Sam2, Sam2Config, tuple(PRESETS.values()))
