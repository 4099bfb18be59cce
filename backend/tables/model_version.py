"""The table of model versions that made masks."""

from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class ModelVersion(Table):
    """A model version that made masks here. It is kept when the model is removed, because masks refer to it."""

    __tablename__ = "model_versions"

    version: Mapped[str] = mapped_column(primary_key=True)  # first 12 hex digits of the SHA-256 of the weights
    name: Mapped[str]  # in the catalogue, when it was last used
    created_at: Mapped[CreatedAt]
