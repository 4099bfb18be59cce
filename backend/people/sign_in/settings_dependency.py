"""The dependency by which routes get the settings."""

from typing import Annotated

from fastapi import Depends, Request

from backend.settings import Settings


async def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


SiteSettings = Annotated[Settings, Depends(_settings)]
