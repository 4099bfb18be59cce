"""Problems of exports."""

from backend.problems import MaskloomError, NotFound


class ExportNotFound(NotFound):
    """There is no such export."""

    slug = "export-not-found"


class ExportNotReady(MaskloomError):
    """The dataset is still being written, or could not be."""

    status = 409
    title = "The dataset is not ready"
    slug = "export-not-ready"


class ExportExpired(MaskloomError):
    """The dataset's file was deleted for its age. Export it again."""

    status = 410
    title = "The dataset is no longer kept"
    slug = "export-expired"


class UnknownFormat(MaskloomError):
    """No export format has this name."""

    status = 422
    title = "There is no such format"
    slug = "unknown-format"


class OnlyAnnotatedFrames(MaskloomError):
    """The format has no place for frames between the annotated ones."""

    status = 422
    title = "This format holds annotated frames alone"
    slug = "only-annotated-frames"


class FramesNotHeld(MaskloomError):
    """The format does not hold frames in this way."""

    status = 422
    title = "This format does not hold frames in this way"
    slug = "frames-not-held"


class UnknownVideosChosen(MaskloomError):
    """A video that was chosen is not one of the project's."""

    status = 422
    title = "A chosen video is not in the project"
    slug = "unknown-videos-chosen"


class OverlappingObjects(MaskloomError):
    """Objects overlap, the format holds one object a pixel, and the export was to be refused then."""

    status = 409
    title = "Objects overlap"
    slug = "overlapping-objects"


class NothingToExport(MaskloomError):
    """The project has no masklet that this export would hold."""

    status = 409
    title = "There is nothing to export"
    slug = "nothing-to-export"
