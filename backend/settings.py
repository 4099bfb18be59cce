"""The settings from the environment, read once at the start and passed on from there."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_MOST_BACKENDS = 4  # unless somebody asks for more; each takes about 200 MB, and connections to Postgres
_CHECKOUT = Path(__file__).resolve().parents[1]

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Environment variables with the prefix `MASKLOOM_`. .env.example documents each one."""

    model_config = SettingsConfigDict(env_prefix="MASKLOOM_", extra="ignore")

    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = Path("data")
    database_url: str = ""  # empty: the embedded Postgres in the data folder
    redis_url: str = ""  # empty: the backends of one machine tell each other of changes through Postgres
    backends: int = Field(default=0, ge=0, le=16)  # that `maskloom up` runs; 0: one, or with accounts one per core
    device: Literal["auto", "cpu", "cuda"] = "auto"
    model: str = "builtin"
    model_data_dir: str = ""  # the model server's data folder, with the catalogue; empty: `data_dir`
    model_url: str = ""  # empty: `maskloom up` starts a model server of its own
    model_port: int = Field(default=0, ge=0, le=65535)  # of that model server; 0: any free port
    model_servers: int = Field(default=0, ge=0, le=64)  # the number of its own; 0: one per GPU, or one
    frontend_dir: Path = _CHECKOUT / "frontend" / "dist"
    sample: bool = True  # load the sample project on the first run
    lease_seconds: int = Field(default=120, ge=5, le=86_400)  # a task that is not renewed for this long is free again
    log_format: Literal["text", "json"] = "text"

    sign_in: Literal["local", "accounts"] = "local"  # local: everybody who reaches the loopback is the owner
    public_origin: str = ""  # scheme://host[:port] that browsers see; empty: this machine only
    sign_in_days: int = Field(default=30, ge=1, le=400)  # a browser stays signed in for this long at most ...
    sign_in_idle_hours: int = Field(default=72, ge=1, le=24 * 400)  # ... and for this long without use

    oidc_issuer: str = ""  # an OpenID provider to sign in with besides passwords; empty: none
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")  # empty: a public client, which PKCE protects
    oidc_name: str = "OpenID"  # the button's label

    export_days: int = Field(default=30, ge=0, le=10_000)  # a dataset's file is deleted after this; 0: never
    undo_days: float = Field(default=14, ge=0, le=10_000)  # then older masks of accepted objects are deleted; 0: never
    keep_uploads: bool = False  # beside the video of record
    upkeep_seconds: float = Field(default=600, gt=0, le=86_400)  # between two sweeps of what belongs to nothing
    leftover_seconds: float = Field(default=600, ge=0, le=86_400)  # files are left alone for so long after a write

    webhook_networks: str = ""  # private networks that webhooks may reach, separated by commas; empty: none

    max_upload_bytes: int = Field(default=4 * 1024**3, gt=0)
    max_pixels: int = Field(default=8192 * 4320, gt=0)  # of one source frame
    max_frames: int = Field(default=20_000, gt=0)
    max_ingest_seconds: int = Field(default=3600, gt=0)
    max_ingest_memory_bytes: int = Field(default=6 * 1024**3, gt=0)

    @field_validator("database_url")
    @classmethod
    def _names_a_postgres(cls, url: str) -> str:
        scheme = url.partition("://")[0].partition("+")[0]
        if url and scheme not in {"postgresql", "postgres"}:
            raise ValueError("it looks like postgresql://user:password@host/maskloom")
        return url

    @field_validator("public_origin")
    @classmethod
    def _is_an_origin(cls, origin: str) -> str:
        if origin == "":
            return origin
        parts = urlsplit(origin)
        plain = parts.scheme in {"http", "https"} and parts.hostname and not parts.path.strip("/")
        if not plain or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("it looks like https://maskloom.example.org, without a path")
        usual = {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(f':{usual}')}"  # as browsers write it

    @field_validator("webhook_networks")
    @classmethod
    def _lists_networks(cls, networks: str) -> str:
        try:
            _networks_of(networks)
        except ValueError as error:
            raise ValueError(f"it looks like 10.1.0.0/16,192.168.7.20 ({error})") from None
        return networks

    @model_validator(mode="after")
    def _strangers_sign_in(self) -> Self:
        if self.public_origin and self.sign_in == "local":
            raise ValueError("MASKLOOM_PUBLIC_ORIGIN lets other machines in: set MASKLOOM_SIGN_IN=accounts with it")
        return self

    @property
    def num_backends(self) -> int:
        """How many backends `maskloom up` runs. One person needs no more than one."""
        if self.backends:
            return self.backends
        return 1 if self.sign_in == "local" else min(_MOST_BACKENDS, os.cpu_count() or 1)

    @property
    def webhooks_reach(self) -> tuple[Network, ...]:
        """The networks that webhooks may reach besides the public internet."""
        return _networks_of(self.webhook_networks)

    @property
    def objects_dir(self) -> Path:
        """The folder of proxies, posters and exports."""
        return self.data_dir.resolve() / "objects"

    @property
    def catalogue_data_dir(self) -> Path:
        """The data folder with the model server's catalogue, which tuned models join."""
        return Path(self.model_data_dir or self.data_dir).resolve()

    @property
    def tunings_dir(self) -> Path:
        """The folder of tunings in progress. Unlike staging it survives a restart, so that no training is repeated."""
        return self.data_dir.resolve() / "tunings"

    @property
    def staging_dir(self) -> Path:
        """The folder of work in progress: incoming uploads, and media being made. Nothing in it outlives its job."""
        return self.data_dir.resolve() / "staging"


def _networks_of(networks: str) -> tuple[Network, ...]:
    return tuple(ip_network(each.strip()) for each in networks.split(",") if each.strip())
