"""Give projects an ontology and masklets classes and attributes; video attributes become a part of it."""

import json
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_PROJECTS = sa.text("SELECT id, attributes FROM projects WHERE jsonb_array_length(attributes) > 0")
_VIDEOS = sa.text("SELECT id, attributes FROM videos WHERE project_id = :project_id AND attributes <> '{}'")
_SET_VIDEO = sa.text("UPDATE videos SET attributes = CAST(:attributes AS jsonb) WHERE id = :id")
_SET_PROJECT = sa.text("UPDATE projects SET attributes = CAST(:attributes AS jsonb) WHERE id = :id")
_ADD = sa.text("INSERT INTO ontologies (project_id, version, content) VALUES (:id, 1, CAST(:content AS jsonb))")
_ONTOLOGIES = sa.text("SELECT project_id, content FROM ontologies")


def upgrade() -> None:
    op.create_table(
        "ontologies",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_ontologies_version_not_negative")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_ontologies_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_ontologies")),
    )
    op.add_column("masklets", sa.Column("class_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_masklets_class_id"), "masklets", ["class_id"])
    op.add_column("masklets", sa.Column("attributes", JSONB(), server_default="{}", nullable=False))
    database = op.get_bind()
    for project in database.execute(_PROJECTS).all():
        attributes = _identified(project.attributes)
        content = {"classes": [], "attributes": attributes}
        database.execute(_ADD, {"id": project.id, "content": json.dumps(content)})
        for video in database.execute(_VIDEOS, {"project_id": project.id}).all():
            values = json.dumps(_by_id(attributes, video.attributes))
            database.execute(_SET_VIDEO, {"id": video.id, "attributes": values})
    op.drop_column("projects", "attributes")


def _identified(attributes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`{key, values, required}` as attributes of videos, without repetitions, which an ontology has none of."""
    by_name: dict[str, dict[str, Any]] = {}
    for each in attributes:
        choices = {str(value).casefold(): {"id": str(uuid4()), "name": str(value)} for value in each["values"]}
        attribute = {"id": str(uuid4()), "name": str(each["key"]), "scope": "video", "kind": "choice"}
        rest = {"required": bool(each["required"]), "changes": False, "choices": list(choices.values())}
        by_name.setdefault(str(each["key"]).casefold(), attribute | rest)
    return list(by_name.values())


def _by_id(attributes: list[dict[str, Any]], values: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Values that the project no longer offers are left out: nothing could show them any more."""
    found: dict[str, dict[str, str]] = {}
    for attribute in attributes:
        for key, value in values.items():
            for choice in attribute["choices"]:
                same = choice["name"].casefold() == str(value).casefold()
                if same and attribute["name"].casefold() == key.casefold():
                    found[attribute["id"]] = {"0": choice["id"]}
    return found


def downgrade() -> None:
    op.add_column("projects", sa.Column("attributes", JSONB(), server_default="[]", nullable=False))
    database = op.get_bind()
    for row in database.execute(_ONTOLOGIES).all():
        mine = [each for each in row.content["attributes"] if (each["scope"], each["kind"]) == ("video", "choice")]
        attributes = [
            {
                "key": each["name"],
                "values": [choice["name"] for choice in each["choices"]],
                "required": each["required"],
            }
            for each in mine
        ]
        database.execute(_SET_PROJECT, {"id": row.project_id, "attributes": json.dumps(attributes)})
        names = {choice["id"]: choice["name"] for each in mine for choice in each["choices"]}
        for video in database.execute(_VIDEOS, {"project_id": row.project_id}).all():
            said = {each["name"]: video.attributes.get(each["id"], {}).get("0") for each in mine}
            values = {name: names[choice] for name, choice in said.items() if choice in names}
            database.execute(_SET_VIDEO, {"id": video.id, "attributes": json.dumps(values)})
    op.drop_column("masklets", "attributes")
    op.drop_index(op.f("ix_masklets_class_id"), "masklets")
    op.drop_column("masklets", "class_id")
    op.drop_table("ontologies")
