"""How routes about a video find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.tables import Video
from backend.videos.problems import VideoNotFound

VIDEO = Resource("video", id=Video.id, project_id=Video.project_id, not_found=VideoNotFound)
