"""How routes about a masklet find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.masklets.problems import MaskletNotFound
from backend.tables import Masklet

MASKLET = Resource("masklet", id=Masklet.id, video_id=Masklet.video_id, not_found=MaskletNotFound)
