"""Problems of requests about videos, and of uploaded files."""

from backend.problems import MaskloomError, NotFound


class VideoNotFound(NotFound):
    """There is no such video, or no longer."""

    slug = "video-not-found"


class VideoNotReady(MaskloomError):
    """The video is still being ingested, or could not be."""

    status = 409
    title = "The video is not ready"
    slug = "video-not-ready"


class LengthRequired(MaskloomError):
    """An upload says how many bytes it has before it sends them."""

    status = 411
    title = "Length required"
    slug = "length-required"


class UploadCutOff(MaskloomError):
    """The connection ended before the whole file had arrived."""

    status = 400
    title = "The upload was cut off"
    slug = "upload-cut-off"


class UnusableVideo(MaskloomError):
    """The uploaded file cannot become a video of record; the detail tells what is wrong with it."""

    status = 422
    title = "The file cannot be used"
    slug = "unusable-video"


class RangeNotSatisfiable(MaskloomError):
    """The object has no such bytes."""

    status = 416
    title = "Range not satisfiable"
    slug = "range-not-satisfiable"


class FileNotKept(MaskloomError):
    """Nothing is kept of a file that cannot be used. Upload it again, or another copy of it."""

    status = 409
    title = "The uploaded file was not kept"
    slug = "file-not-kept"
