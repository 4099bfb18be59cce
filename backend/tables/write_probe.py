"""The table that health writes to."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class WriteProbe(Table):
    """One row, written anew every few seconds to see whether the database takes writes."""

    __tablename__ = "write_probes"

    written_at: Mapped[datetime] = mapped_column(primary_key=True, server_default=func.now())
