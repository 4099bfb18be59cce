"""What a story asks the API itself: an export without the dialog, and every frame state of a video."""

import io
import time
import uuid
import zipfile
from typing import Any

import httpx

from tests.running import RunningMaskloom


def export_over_http(maskloom: RunningMaskloom, project_id: str, *, only_satisfactory: bool = False) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(dataset_over_http(maskloom, project_id, only_satisfactory=only_satisfactory)))


def dataset_over_http(
    maskloom: RunningMaskloom, project_id: str, *, only_satisfactory: bool = False, form: str = "sa_v"
) -> bytes:
    """The zip as it is downloaded."""
    with httpx.Client(base_url=maskloom.url, timeout=30) as client:
        started = client.post(
            f"/api/projects/{project_id}/exports",
            json={"format": form, "only_satisfactory": only_satisfactory},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        started.raise_for_status()
        deadline = time.monotonic() + 60
        while True:
            export = client.get(f"/api/exports/{started.json()['id']}").json()
            assert export["job"]["state"] != "failed", export
            if export["job"]["state"] == "done":
                return client.get(f"/api/exports/{export['id']}/download").content
            assert time.monotonic() < deadline, "the export did not finish in a minute"
            time.sleep(0.2)


def all_frames(maskloom: RunningMaskloom, video_id: str) -> list[dict[str, Any]]:
    """The current frame states, page by page."""
    frames, after, more = [], 0, True
    while more:
        page = httpx.get(f"{maskloom.url}/api/videos/{video_id}/changes", params={"after": after}).json()
        frames += page["frames"]
        after, more = page["seq"], page["more"]
    return frames
