"""Everything that can be set from outside, read once at start-up and passed on from there."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_CHECKOUT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Environment variables with the prefix `MASKLOOM_`; .env.example documents each."""

    model_config = SettingsConfigDict(env_prefix="MASKLOOM_", extra="ignore")

    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = Path("data")
    database_url: str = ""  # empty: the embedded Postgres in the data folder
    device: Literal["auto", "cpu", "cuda"] = "auto"
    model: str = "builtin"
    model_url: str = ""  # empty: `maskloom up` starts a model server of its own
    model_port: int = Field(default=0, ge=0, le=65535)  # of that model server; 0: any that is free
    frontend_dir: Path = _CHECKOUT / "frontend" / "dist"
    sample: bool = True  # load the sample project on the first run
    log_format: Literal["text", "json"] = "text"

    max_upload_bytes: int = Field(default=4 * 1024**3, gt=0)
    max_pixels: int = Field(default=3840 * 2160, gt=0)  # of one source frame
    max_frames: int = Field(default=20_000, gt=0)
    max_ingest_seconds: int = Field(default=3600, gt=0)
    max_ingest_memory_bytes: int = Field(default=6 * 1024**3, gt=0)

    @property
    def objects_dir(self) -> Path:
        """Where proxies, posters and exports lie."""
        return self.data_dir.resolve() / "objects"

    @property
    def staging_dir(self) -> Path:
        """Work in progress: uploads being received and media being made. Nothing here outlives its job."""
        return self.data_dir.resolve() / "staging"
