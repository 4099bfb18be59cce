"""Problems of imports."""

from backend.problems import MaskloomError, NotFound

_LONGEST = 600  # characters of a detail


class ImportNotFound(NotFound):
    """There is no such import."""

    slug = "import-not-found"


class UnreadableDataset(MaskloomError):
    """The file is no dataset that can be imported. The detail names the place in it."""

    status = 422
    title = "The dataset cannot be read"
    slug = "unreadable-dataset"

    def __init__(self, detail: str = "") -> None:
        """The detail may quote the file, whatever is in it."""
        quoted = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in detail)
        super().__init__(quoted if len(quoted) <= _LONGEST else f"{quoted[:_LONGEST]}...")


class ImportNotReady(MaskloomError):
    """The dataset is still being read, could not be, or was imported already."""

    status = 409
    title = "The import is not waiting for a decision"
    slug = "import-not-ready"


class ImportNotDone(MaskloomError):
    """Only what was imported, and not taken back, can be taken back."""

    status = 409
    title = "There is nothing to take back"
    slug = "import-not-done"


class ImportDone(MaskloomError):
    """What was imported stays on record. Undo takes its objects back."""

    status = 409
    title = "The import is done"
    slug = "import-done"


class NothingToImport(MaskloomError):
    """None of the dataset's videos goes with a video of the project."""

    status = 409
    title = "There is nothing to import"
    slug = "nothing-to-import"


class UnknownMatch(MaskloomError):
    """The dataset or the project has no such video."""

    status = 422
    title = "There is no such video"
    slug = "unknown-match"
