"""The mapped classes, one file per table. Importing this package registers them all."""

from backend.tables.action import Action
from backend.tables.activity_event import ActivityEvent
from backend.tables.answered_request import AnsweredRequest
from backend.tables.api_token import ApiToken
from backend.tables.audit_entry import AuditEntry
from backend.tables.auto_labeling import AutoLabeling
from backend.tables.base import Table
from backend.tables.description_change import DescriptionChange
from backend.tables.export import Export
from backend.tables.frame_change import FrameChange
from backend.tables.frame_mask import FrameMask
from backend.tables.frame_state import FrameState
from backend.tables.identity import Identity
from backend.tables.imported_dataset import ImportedDataset
from backend.tables.job import Job
from backend.tables.known_browser import KnownBrowser
from backend.tables.lock_change import LockChange
from backend.tables.masklet import Masklet
from backend.tables.membership import Membership
from backend.tables.model_change import ModelChange
from backend.tables.model_version import ModelVersion
from backend.tables.one_time_link import OneTimeLink
from backend.tables.ontology import StoredOntology
from backend.tables.project import Project
from backend.tables.prompt_set import PromptSet
from backend.tables.review_rank import ReviewRank
from backend.tables.run import Run
from backend.tables.sign_in import SignIn
from backend.tables.sign_in_attempt import SignInAttempt
from backend.tables.study import Study, StudyArm
from backend.tables.task import Task
from backend.tables.tracking_placement import TrackingPlacement
from backend.tables.tuning import Tuning
from backend.tables.user import User
from backend.tables.verdict import Verdict
from backend.tables.video import Video
from backend.tables.webhook import Webhook, WebhookDelivery
from backend.tables.work_change import WorkChange
from backend.tables.write_probe import WriteProbe

__all__ = [
    "Action",
    "ActivityEvent",
    "AnsweredRequest",
    "ApiToken",
    "AuditEntry",
    "AutoLabeling",
    "DescriptionChange",
    "Export",
    "FrameChange",
    "FrameMask",
    "FrameState",
    "Identity",
    "ImportedDataset",
    "Job",
    "KnownBrowser",
    "LockChange",
    "Masklet",
    "Membership",
    "ModelChange",
    "ModelVersion",
    "OneTimeLink",
    "Project",
    "PromptSet",
    "ReviewRank",
    "Run",
    "SignIn",
    "SignInAttempt",
    "StoredOntology",
    "Study",
    "StudyArm",
    "Table",
    "Task",
    "TrackingPlacement",
    "Tuning",
    "User",
    "Verdict",
    "Video",
    "Webhook",
    "WebhookDelivery",
    "WorkChange",
    "WriteProbe",
]
