"""Create the data engine's tables, and the queue's beside them."""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = Path(__file__).parents[1] / "sql" / "0001_data_engine.sql"


def upgrade() -> None:
    # Through the driver itself: the string has many statements, and its percent signs are not placeholders.
    driver = op.get_bind().connection.cursor()
    driver.execute(_TABLES.read_text(encoding="utf-8"))
    driver.execute(SchemaManager.get_schema())  # of the version that constraints.txt pins


def downgrade() -> None:
    raise NotImplementedError("The first migration has nothing below it: drop the database.")
