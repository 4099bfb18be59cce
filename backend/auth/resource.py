"""The kinds of objects that a route's path can name, and how their ids lead to a project.

Each feature declares its own in its `resource.py`. Routes name it in `access(Permission.view, EXPORT)` and have its id
as `{export_id}` in their path.
"""

from dataclasses import KW_ONLY, dataclass
from uuid import UUID

from sqlalchemy import SQLColumnExpression

from backend.problems import NotFound

Column = SQLColumnExpression[UUID]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of row that belongs to a project, directly (`project_id`) or through its video (`video_id`)."""

    name: str
    _: KW_ONLY
    id: Column
    not_found: type[NotFound]
    project_id: Column | None = None
    video_id: Column | None = None

    def __post_init__(self) -> None:
        if (self.project_id is None) == (self.video_id is None):
            raise ValueError(f"a {self.name} needs either a project_id or a video_id")
