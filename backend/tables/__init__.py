"""Mapped classes, one file per table. Importing this package registers them all."""

from backend.tables.action import Action
from backend.tables.activity_event import ActivityEvent
from backend.tables.base import Table
from backend.tables.export import Export
from backend.tables.frame_change import FrameChange
from backend.tables.frame_mask import FrameMask
from backend.tables.frame_state import FrameState
from backend.tables.job import Job
from backend.tables.masklet import Masklet
from backend.tables.model_version import ModelVersion
from backend.tables.project import Project
from backend.tables.prompt_set import PromptSet
from backend.tables.run import Run
from backend.tables.task import Task
from backend.tables.user import User
from backend.tables.verdict import Verdict
from backend.tables.video import Video

__all__ = [
    "Action",
    "ActivityEvent",
    "Export",
    "FrameChange",
    "FrameMask",
    "FrameState",
    "Job",
    "Masklet",
    "ModelVersion",
    "Project",
    "PromptSet",
    "Run",
    "Table",
    "Task",
    "User",
    "Verdict",
    "Video",
]
