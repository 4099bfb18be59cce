"""The migrations and the mapped classes describe the same database."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from backend import tables
from backend.db.engine import Sessions, libpq_url
from backend.db.migrate import configuration, migrate
from backend.tables.states import ActivityKind, Phase
from backend.tables.user import LOCAL_OWNER_ID
from tests.architecture.repository import ROOT


def test_the_migrated_database_is_what_the_tables_describe(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        own = set(tables.Table.metadata.tables)
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _parents: kind != "table" or name in own, "compare_type": True},
        )
        assert compare_metadata(context, tables.Table.metadata) == []
    engine.dispose()


def test_every_check_of_the_tables_is_in_the_database(database_url: str) -> None:
    engine = create_engine(database_url)
    inspector = inspect(engine)
    for table in tables.Table.metadata.sorted_tables:
        described = {str(c.name) for c in table.constraints if str(c.name).startswith("ck_")}
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} >= described, table.name
    engine.dispose()


def test_what_an_older_version_stored_survives_the_migrations_since(database_url: str) -> None:
    command.downgrade(configuration(database_url), "0001")
    with psycopg.connect(libpq_url(database_url)) as connection:
        for table in ("prompt_sets", "frame_masks"):  # rows without the video they belong to
            keys = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
            for (name,) in connection.execute(keys, (table,)).fetchall():
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        connection.execute(
            "INSERT INTO prompt_sets (id, masklet_id, frame_index, clicks, action_id)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 3, '[]', gen_random_uuid())"
        )
        connection.execute(
            "INSERT INTO frame_masks (masklet_id, id, frame_index, counts, area, source, phase, action_id, created_by)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 3, 'counts', 7, 'prompted', 'sam2', gen_random_uuid(),"
            " gen_random_uuid())"
        )
    migrate(database_url)
    with psycopg.connect(libpq_url(database_url)) as connection:
        assert connection.execute("SELECT frame_index, candidate FROM prompt_sets").fetchall() == [(3, None)]
        assert connection.execute("SELECT area, candidate FROM frame_masks").fetchall() == [(7, None)]
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE prompt_sets SET candidate = 3")


def test_masklets_that_were_stuck_get_the_task_that_carries_them_on(database_url: str) -> None:
    command.downgrade(configuration(database_url), "0022")
    found: dict[str, tuple[str, list[str]]] = {}
    with psycopg.connect(libpq_url(database_url)) as connection:
        (project, video) = connection.execute("SELECT gen_random_uuid(), gen_random_uuid()").fetchall()[0]
        connection.execute(
            "INSERT INTO projects (id, name, stride, long_side, phase, is_sample, created_by)"
            " VALUES (%s, 'P', 4, 1920, 'sam2', false, %s)",
            (project, LOCAL_OWNER_ID),
        )
        connection.execute(
            "INSERT INTO videos (id, project_id, name, state, stride, created_by)"
            " VALUES (%s, %s, 'v', 'failed', 4, %s)",
            (video, project, LOCAL_OWNER_ID),
        )
        for number, (name, verdict) in enumerate(_BEFORE.items()):
            connection.execute(
                "INSERT INTO masklets"
                " (id, video_id, number, name, phase, origin, verdict, version, deleted, created_by)"
                " VALUES (gen_random_uuid(), %s, %s, %s, 'sam2', 'manual', %s, 1, false, %s)",
                (video, number + 1, name, verdict, LOCAL_OWNER_ID),
            )
        connection.execute(
            "INSERT INTO frame_states (masklet_id, frame_index, video_id, mask_id, seq)"
            " SELECT id, 0, video_id, gen_random_uuid(), 1 FROM masklets"
        )
    migrate(database_url)
    with psycopg.connect(libpq_url(database_url)) as connection:
        for name, work, kinds in connection.execute(
            "SELECT name, work, array_agg(kind) FROM masklets LEFT JOIN tasks ON tasks.masklet_id = masklets.id"
            " GROUP BY name, work"
        ).fetchall():
            found[name] = (work, kinds)
    assert found == {
        "sent back and forgotten": ("refining", ["refine"]),
        "never judged": ("verifying", ["verify"]),
        "accepted": ("settled", [None]),
        "rejected": ("settled", [None]),
    }


_BEFORE = {
    "sent back and forgotten": "unsatisfactory",
    "never judged": None,
    "accepted": "satisfactory",
    "rejected": "rejected",
}


def test_requests_lose_what_other_rows_hold_and_keep_what_none_does(database_url: str) -> None:
    """Three drawings: stored as received, stored in canonical form, and stored as another mask."""
    command.downgrade(configuration(database_url), "0019")
    received = [("`0`1", "`0`1"), (":06`1", "`0`1"), ("`0`1", "a0_1")]  # of 4 x 16 pixels
    with psycopg.connect(libpq_url(database_url)) as connection:
        for table in ("actions", "prompt_sets", "frame_masks"):
            keys = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
            for (name,) in connection.execute(keys, (table,)).fetchall():
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        act = (
            "INSERT INTO actions (id, video_id, kind, actor_id, request, request_hash, complete, undone, abandoned)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), %s, gen_random_uuid(), %s, '', true, false, false)"
            " RETURNING id"
        )
        for sent, kept in received:
            body = {"tool": "brush", "mask": {"size": [4, 16], "counts": sent}}
            (action_id,) = connection.execute(act, ("edit_mask", json.dumps({"body": body}))).fetchone() or ()
            connection.execute(
                "INSERT INTO frame_masks (masklet_id, id, frame_index, counts, area, source, phase, action_id,"
                " created_by) VALUES (gen_random_uuid(), gen_random_uuid(), 3, %s, 7, 'edited', 'sam2', %s,"
                " gen_random_uuid())",
                (kept.encode(), action_id),
            )
        asked = {"clicks": [{"x": 1.5, "y": 2, "label": "positive"}], "box": None, "candidate": 1}
        (action_id,) = connection.execute(act, ("prompt", json.dumps({"body": asked}))).fetchone() or ()
        connection.execute(
            "INSERT INTO prompt_sets (id, masklet_id, frame_index, clicks, box, candidate, action_id)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 3, %s, 'null', 1, %s)",
            (json.dumps(asked["clicks"]), action_id),
        )
    migrate(database_url)
    with psycopg.connect(libpq_url(database_url)) as connection:
        bodies = [body for (body,) in connection.execute("SELECT request -> 'body' FROM actions ORDER BY \"order\"")]
    different = {"tool": "brush", "mask": {"size": [4, 16], "counts": received[2][0]}}
    assert bodies == [{"tool": "brush"}, {"tool": "brush"}, different, {}]


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(database_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    environment = os.environ | {"MASKLOOM_DATABASE_URL": database_url}
    told = subprocess.run(
        [sys.executable, "-m", "backend", "migrate"], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1, told.stderr
    assert "A newer Maskloom has written this database (it is at migration 9999" in told.stderr


async def test_frame_masks_are_spread_over_eight_partitions(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        count = await session.scalar(text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'frame_masks'::regclass"))
    assert count == 8


async def test_an_activity_event_cannot_be_changed(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        project = tables.Project(name="P", created_by=LOCAL_OWNER_ID)
        session.add(project)
        await session.flush()
        video = tables.Video(project_id=project.id, name="v", stride=4, created_by=LOCAL_OWNER_ID)
        session.add(video)
        await session.flush()
        session.add(
            tables.ActivityEvent(
                event_id=uuid4(),
                user_id=LOCAL_OWNER_ID,
                session_id=uuid4(),
                video_id=video.id,
                phase=Phase.sam2,
                kind=ActivityKind.open,
                client_monotonic_ms=1.0,
                client_time=datetime.now(UTC),
            )
        )
    with pytest.raises(IntegrityError, match="append-only"):
        async with sessions.begin() as session:
            await session.execute(text("UPDATE activity_events SET tool = 'brush'"))


async def test_deleting_a_project_takes_its_videos_and_their_events_along(sessions: Sessions) -> None:
    await test_an_activity_event_cannot_be_changed(sessions)
    async with sessions.begin() as session:
        await session.execute(text("DELETE FROM projects"))
        assert await session.scalar(text("SELECT count(*) FROM activity_events")) == 0
