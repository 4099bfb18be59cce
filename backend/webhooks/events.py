"""What webhooks can be told of."""

from enum import StrEnum


class WebhookEvent(StrEnum):
    """One kind of thing that happens in a project."""

    video_ready = "video.ready"
    video_failed = "video.failed"  # it could not become a video of record
    task_submitted = "task.submitted"
    verdict_recorded = "verdict.recorded"
    export_done = "export.done"
    export_failed = "export.failed"


TEST = "webhook.test"
"""What a person sends to see whether a webhook works. It is tried once."""

VERSION = 1
"""Of the bodies. Members may be added under the same version; none is removed or changes its meaning."""
