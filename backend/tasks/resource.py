"""How routes about a task find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.tables import Task
from backend.tasks.problems import TaskNotFound

TASK = Resource("task", id=Task.id, video_id=Task.video_id, not_found=TaskNotFound)
