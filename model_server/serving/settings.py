"""The model server's settings, from MASKLOOM_* environment variables."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from model_server.serving.observability import LogFormat


class Settings(BaseSettings):
    """Validated once at startup and passed down from `create_app`."""

    model_config = SettingsConfigDict(env_prefix="MASKLOOM_", env_ignore_empty=True, protected_namespaces=())

    data_dir: Path = Path("data")
    """Videos must lie in this directory."""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    model: str = "builtin"
    """The default model: a name in the catalogue, or the path of a checkpoint."""
    model_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 on a GPU, float32 on a CPU. bfloat16 is slower on CPUs that lack instructions for it."""
    model_compile: bool = False
    """Run `torch.compile` on the image encoder when a model is loaded, which takes seconds to minutes."""
    model_weights_bytes: int = Field(default=4 * 2**30, ge=0)
    """Memory for models besides the default; idle ones are unloaded, least recently used first, to stay within it."""
    log_format: LogFormat = "text"
    model_host: str = "127.0.0.1"
    model_port: int = Field(default=8001, ge=0, le=65535)
    model_threads: int = Field(default_factory=lambda: max(1, (os.cpu_count() or 2) // 2), ge=1, le=256)
    """CPU threads of the network; by default half of the cores.

    The other half is for the other processes of the machine: two threads on two busy cores spend most of their time
    waiting for each other, and a propagation step of 0.1 s on one thread has been seen to take 2.7 s on two.
    """
    model_memory_bytes: int = Field(default=4 * 2**30, ge=2**20)
    """Memory for all tracking sessions; idle ones are closed, least recently used first, to stay within it."""
    model_decoded_bytes: int = Field(default=128 * 2**20, ge=0)
    """Memory for decoded frames, per tracking session."""
    model_session_ttl_seconds: float = Field(default=1800, gt=0)
    """A tracking session idle for longer is closed; the backend can restore it."""
    model_prompt_seconds: float = Field(default=60, gt=0)
    """Device time for one prompt, after which it is given up. A click takes a tenth of a second, or seconds with
    the largest model on a processor."""
    model_max_request_bytes: int = Field(default=64 * 2**20, ge=1024)
