"""The settings, as routes ask for them."""

from typing import Annotated

from fastapi import Depends, Request

from backend.settings import Settings


def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


SiteSettings = Annotated[Settings, Depends(_settings)]
