"""Names of model versions that made masks."""

from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class ModelVersion(Table):
    """A network that has made masks here. It is kept when the model is removed: masks are marked with it."""

    __tablename__ = "model_versions"

    version: Mapped[str] = mapped_column(primary_key=True)  # first 12 hex digits of the SHA-256 of the weights
    name: Mapped[str]  # what the catalogue called it when it was last used
    created_at: Mapped[CreatedAt]
