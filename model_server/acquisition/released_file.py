"""Fetches a released model from its authors into the catalogue."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from model_server.acquisition.download import DownloadError, Partial, Progress, download, held
from model_server.models.catalogue.addition import Provenance, digest_of, install
from model_server.models.catalogue.entry import Entry
from model_server.models.catalogue.folder import Catalogue
from model_server.models.catalogue.released import Released
from model_server.models.weight_file import MAX_BYTES


def fetch(
    catalogue: Catalogue,
    released: Released,
    *,
    url: str | None = None,
    progress: Progress = lambda _have, _total: None,
    checking: Callable[[], None] = lambda: None,
) -> Entry:
    """Download a released model, verify its digest, check it by loading and add it. `url` is a mirror of the file.

    `checking` is called when the download is complete. Raises DownloadError, a CheckpointError, or AlreadyThere if
    another model has the name.
    """
    address = url or released.url
    partial = Partial(catalogue.folder / ".downloads" / f"{released.name}.pt")
    with held(partial):
        asyncio.run(download(address, partial, max_bytes=MAX_BYTES, progress=progress))
        checking()
        digest = digest_of(partial.path)
        if digest != released.digest:
            partial.discard()
            raise DownloadError(
                f"what came from {address} is not {released.name}: its SHA-256 is {digest}, not {released.digest}. "
                "It was deleted"
            )
        with catalogue.temporary(".weights") as weights:
            os.replace(partial.path, weights)
            partial.discard()
            return install(catalogue, weights, digest, Provenance(address), name=released.name)
