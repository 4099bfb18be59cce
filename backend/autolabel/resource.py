"""How routes about an automatic labeling find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.autolabel.problems import AutoLabelingNotFound
from backend.tables import AutoLabeling

AUTO_LABELING = Resource(
    "auto_labeling", id=AutoLabeling.id, video_id=AutoLabeling.video_id, not_found=AutoLabelingNotFound
)
