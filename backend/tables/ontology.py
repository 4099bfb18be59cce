"""The table of ontologies."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class StoredOntology(Table):
    """The classes and attributes of a project, each with its id. A project that never had any has no row.

    Masklets and videos name ids that are in here: whoever writes one holds this row shared until the commit.
    """

    __tablename__ = "ontologies"
    __table_args__ = (CheckConstraint("version >= 0", name="version_not_negative"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)  # the ETag; 0 before the first
    content: Mapped[dict[str, Any]]  # as `Ontology` of backend.ontology has it
