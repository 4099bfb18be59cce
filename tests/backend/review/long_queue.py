"""A long review queue, made by the database: objects of many videos, with masks, that somebody propagated."""

from uuid import UUID

from sqlalchemy import text

from backend.db.engine import Sessions
from tests.bench.load_site import add_project

NUM_MASKS = 6  # of each object, on every fourth frame

_STATEMENTS = (
    """INSERT INTO videos (id, project_id, name, state, proxy_key, width, height, num_frames, fps_num, fps_den, stride,
           seq, created_by)
       SELECT gen_random_uuid(), :project, 'clip' || n % 50, 'ready', 'none', 64, 48, 40, 25, 1, 4, 1, :person
       FROM generate_series(1, :number) n""",
    """INSERT INTO masklets (id, video_id, number, name, phase, origin, work, version, deleted, seq, created_by)
       SELECT gen_random_uuid(), id, 1, 'ball', 'sam2', 'manual', 'verifying', 1, false, 1, :person
       FROM videos WHERE project_id = :project""",
    """INSERT INTO actions (id, video_id, kind, actor_id, request, request_hash, complete, undone, abandoned)
       SELECT gen_random_uuid(), videos.id, 'propagate', :person, '{}', '', true, false, false
       FROM videos WHERE project_id = :project""",
    """INSERT INTO runs (id, video_id, action_id, masklet_ids, direction, start_frame, first_frame, last_frame, state,
           done, total, epoch, seq)
       SELECT gen_random_uuid(), videos.id, actions.id, ARRAY[masklets.id], 'both', 0, 0, 39, 'done', 40, 40, 0, 1
       FROM videos JOIN actions ON actions.video_id = videos.id JOIN masklets ON masklets.video_id = videos.id
       WHERE project_id = :project""",
    """INSERT INTO frame_masks (masklet_id, id, frame_index, counts, area, source, phase, predicted_iou, object_score,
           action_id, created_by)
       SELECT masklets.id, gen_random_uuid(), 4 * frame, '', 9, CASE frame WHEN 0 THEN 'edited' ELSE 'propagated' END,
           'sam2', random(), 4, actions.id, :person
       FROM videos JOIN masklets ON masklets.video_id = videos.id JOIN actions ON actions.video_id = videos.id,
           generate_series(0, :masks - 1) frame
       WHERE project_id = :project""",
    """INSERT INTO frame_states (masklet_id, frame_index, video_id, mask_id, seq)
       SELECT frame_masks.masklet_id, frame_index, videos.id, frame_masks.id, 1
       FROM frame_masks JOIN masklets ON masklets.id = frame_masks.masklet_id JOIN videos ON videos.id = video_id
       WHERE project_id = :project""",
    """INSERT INTO tasks (id, video_id, masklet_id, kind, phase, state, epoch)
       SELECT gen_random_uuid(), videos.id, masklets.id, 'verify', 'sam2', 'open', 0
       FROM videos JOIN masklets ON masklets.video_id = videos.id WHERE project_id = :project""",
)


async def make_long_queue(sessions: Sessions, number: int, *, person_id: UUID) -> UUID:
    """A project in which as many objects wait for a verdict, all of them the person's work; its id."""
    project_id = await add_project(sessions)
    values = {"project": project_id, "person": person_id, "number": number, "masks": NUM_MASKS}
    async with sessions.begin() as session:
        for statement in _STATEMENTS:
            await session.execute(text(statement), values)
    return project_id


async def know_sizes(sessions: Sessions) -> None:
    """Let Postgres plan by the tables as they are."""
    async with sessions.begin() as session:
        await session.execute(text("ANALYZE"))
