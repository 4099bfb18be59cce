"""What older versions said of videos is a part of the ontology now."""

import json
from uuid import uuid4

import psycopg
from alembic import command

from backend.db.engine import libpq_url
from backend.db.migrate import configuration, migrate
from backend.ontology.schemas import Ontology
from backend.tables.user import LOCAL_OWNER_ID


def test_video_attributes_become_a_part_of_the_ontology_and_go_back(database_url: str) -> None:
    command.downgrade(configuration(database_url), "0027")
    tone = {"key": "skin tone", "values": ["1-3", "4-6"], "required": True}
    with psycopg.connect(libpq_url(database_url)) as connection:
        project, video = uuid4(), uuid4()
        connection.execute(
            "INSERT INTO projects (id, name, stride, long_side, phase, is_sample, created_by, attributes)"
            " VALUES (%s, 'P', 4, 1920, 'sam2', false, %s, %s)",
            (project, LOCAL_OWNER_ID, json.dumps([tone])),
        )
        connection.execute(
            "INSERT INTO videos (id, project_id, name, state, stride, created_by, attributes)"
            " VALUES (%s, %s, 'v', 'failed', 4, %s, %s)",
            (video, project, LOCAL_OWNER_ID, json.dumps({"skin tone": "4-6", "age": "old"})),
        )
    migrate(database_url)
    with psycopg.connect(libpq_url(database_url)) as connection:
        (row,) = connection.execute(
            "SELECT content, videos.attributes FROM ontologies JOIN videos USING (project_id)"
        ).fetchall()
        content, values = row
        (attribute,) = Ontology.model_validate(content).attributes
        assert (attribute.name, attribute.scope, attribute.required) == ("skin tone", "video", True)
        assert values == {str(attribute.id): {"0": str(attribute.choices[1].id)}}
    command.downgrade(configuration(database_url), "0027")
    with psycopg.connect(libpq_url(database_url)) as connection:
        rows = connection.execute(
            "SELECT projects.attributes, videos.attributes FROM projects JOIN videos ON project_id = projects.id"
        ).fetchall()
    assert rows == [([tone], {"skin tone": "4-6"})]
    migrate(database_url)
