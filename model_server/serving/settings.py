"""The model server's settings, from MASKLOOM_* environment variables."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from model_server.serving.observability import LogFormat


class Settings(BaseSettings):
    """Validated once at start, handed down from `create_app`."""

    model_config = SettingsConfigDict(env_prefix="MASKLOOM_", env_ignore_empty=True, protected_namespaces=())

    data_dir: Path = Path("data")
    """Videos must lie in here."""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    model: str = "builtin"
    """The default model: a name of the catalogue, or the path of a checkpoint."""
    model_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 on a GPU, float32 on a processor. bfloat16 is slower on processors without instructions for it."""
    model_compile: bool = False
    """Put the image encoder through `torch.compile` when a model is loaded: seconds to minutes more."""
    model_weights_bytes: int = Field(default=4 * 2**30, ge=0)
    """All models in memory besides the default one; those without a session go first, least recently used first."""
    log_format: LogFormat = "text"
    model_host: str = "127.0.0.1"
    model_port: int = Field(default=8001, ge=0, le=65535)
    model_threads: int = Field(default_factory=lambda: max(1, (os.cpu_count() or 2) // 2), ge=1, le=256)
    """Processor threads of the network when it runs on the CPU; by default half of the cores.

    The other half is for whoever shares the machine: two threads on two busy cores wait for each other most of the
    time, and a propagation step that takes one thread 0.1 s was seen to take them 2.7 s.
    """
    model_memory_bytes: int = Field(default=4 * 2**30, ge=2**20)
    """All tracking sessions together; idle ones are closed, least recently used first, to stay under it."""
    model_decoded_bytes: int = Field(default=128 * 2**20, ge=0)
    """Decoded frames kept per tracking session."""
    model_session_ttl_seconds: float = Field(default=1800, gt=0)
    """A tracking session nobody used for so long is closed; it can be rebuilt."""
    model_max_request_bytes: int = Field(default=64 * 2**20, ge=1024)
