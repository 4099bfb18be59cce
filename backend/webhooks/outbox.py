"""What happens in a project, noted for its webhooks in the transaction in which it happens.

Each function here is called at one moment, and its body is what receivers get as `data`. Ids and names only: no masks,
and nothing that grants access.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.context import ProblemBody
from backend.tables import Export, Masklet, Task, Verdict, Video, WebhookDelivery
from backend.webhooks import queries
from backend.webhooks.events import WebhookEvent

_MOST_MASKLETS = 100
"""A body stays small; `num_masklets` counts them all."""


async def tell_video_ready(session: AsyncSession, video: Video) -> None:
    data = {"video": _named(video)}
    await _tell(session, WebhookEvent.video_ready, video.project_id, data, page=f"/videos/{video.id}")


async def tell_video_failed(session: AsyncSession, video: Video, problem: ProblemBody) -> None:
    data = {"video": _named(video), "problem": _brief(problem)}
    await _tell(session, WebhookEvent.video_failed, video.project_id, data, page=f"/projects/{video.project_id}")


async def tell_task_submitted(session: AsyncSession, task: Task, video: Video, masklets: Sequence[Masklet]) -> None:
    """`masklets` are those that were handed on with it."""
    data = {
        "task": {"id": str(task.id), "kind": task.kind, "person_id": _id(task.assignee_id)},
        "video": _named(video),
        "masklets": [_named(masklet) for masklet in masklets[:_MOST_MASKLETS]],
        "num_masklets": len(masklets),
    }
    await _tell(session, WebhookEvent.task_submitted, video.project_id, data, page=f"/videos/{video.id}")


async def tell_verdict_recorded(session: AsyncSession, verdict: Verdict, masklet: Masklet, video: Video) -> None:
    data = {
        "verdict": {
            "id": str(verdict.id),
            "verdict": verdict.verdict,
            "reasons": list(verdict.reasons),
            "note": verdict.note,
            "frame_index": verdict.frame_index,
            "person_id": _id(verdict.verifier_id),
        },
        "video": _named(video),
        "masklets": [_named(masklet)],
        "num_masklets": 1,
    }
    await _tell(session, WebhookEvent.verdict_recorded, video.project_id, data, page=f"/videos/{video.id}")


async def tell_export_done(session: AsyncSession, export: Export) -> None:
    report = export.report or {}
    about = {name: report.get(name) for name in ("num_videos", "num_masklets")}
    data = {"export": _form(export) | {"size_bytes": export.size_bytes} | about}
    await _tell(session, WebhookEvent.export_done, export.project_id, data, page=f"/projects/{export.project_id}")


async def tell_export_failed(session: AsyncSession, export: Export, problem: ProblemBody) -> None:
    data = {"export": _form(export), "problem": _brief(problem)}
    await _tell(session, WebhookEvent.export_failed, export.project_id, data, page=f"/projects/{export.project_id}")


async def _tell(
    session: AsyncSession, event: WebhookEvent, project_id: UUID, data: dict[str, Any], *, page: str
) -> None:
    for webhook_id, project_name in await queries.listening(session, project_id, event):
        about = {"project": {"id": str(project_id), "name": project_name}, **data}
        session.add(WebhookDelivery(webhook_id=webhook_id, event=event, data=about, page=page))


def _named(thing: Video | Masklet) -> dict[str, str]:
    return {"id": str(thing.id), "name": thing.name}


def _form(export: Export) -> dict[str, Any]:
    return {"id": str(export.id), "format": export.format}


def _brief(problem: ProblemBody) -> dict[str, Any]:
    return {name: problem.get(name) for name in ("type", "title", "detail")}


def _id(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
