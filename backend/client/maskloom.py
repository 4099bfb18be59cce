"""The client: what a program does with a site, in calls whose answers are the API's own schemas."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar
from uuid import UUID

from backend.annotation.record.schemas import Changes, RunRead
from backend.client.connection import OnProgress, SiteConnection, SiteProblem, unwatched
from backend.datasets.schemas import ExportCreate, ExportFormatRead, ExportRead
from backend.imports.schemas import ImportDetails, ImportRead
from backend.masklets.schemas import MaskletRead
from backend.ontology.schemas import ObjectClass, Ontology, OntologyRead
from backend.problems import Problem
from backend.projects.schemas import ProjectRead
from backend.tables.states import ImportState, JobState, RunState, VideoState
from backend.tasks.schemas import TaskRead
from backend.videos.schemas import VideoRead

_SECONDS_BETWEEN_LOOKS = 0.5
_MOST_CHANGES = 5000
_T = TypeVar("_T")


class Maskloom:
    """A site. Calls raise `SiteProblem` with the site's problem, and `SiteUnreachable` if nothing answers."""

    def __init__(self, address: str = "http://127.0.0.1:8000", token: str | None = None) -> None:
        self.http = SiteConnection(address, token)

    def __enter__(self) -> "Maskloom":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def projects(self) -> Iterator[ProjectRead]:
        yield from map(ProjectRead.model_validate, self.http.every("/api/projects"))

    def project(self, name: str | UUID) -> ProjectRead:
        """A project by its id or its name."""
        return _only(list(self.projects()), str(name), "project")

    def videos(self, project_id: UUID) -> Iterator[VideoRead]:
        found = self.http.every(f"/api/projects/{project_id}/videos")
        yield from map(VideoRead.model_validate, found)

    def video(self, project_id: UUID, name: str | UUID) -> VideoRead:
        """A project's video by its id or its name."""
        return _only(list(self.videos(project_id)), str(name), "video")

    def ontology(self, project_id: UUID) -> Ontology:
        """The classes of a project's objects, and what else is said of objects, frames and videos."""
        return OntologyRead.model_validate(self.http.get(f"/api/projects/{project_id}/ontology")).ontology

    def object_class(self, project_id: UUID, name: str | UUID) -> ObjectClass:
        """A project's class by its id or its name."""
        return _only(self.ontology(project_id).classes, str(name), "class")

    def upload(
        self, project_id: UUID, file: Path, *, key: UUID | None = None, on_progress: OnProgress = unwatched
    ) -> VideoRead:
        """Upload a video. It is not ready yet."""
        path = f"/api/projects/{project_id}/videos"
        answer = self.http.upload(path, file, name=file.name, key=key, on_progress=on_progress)
        return VideoRead.model_validate(answer)

    def until_ready(self, video_id: UUID, *, on_progress: OnProgress = unwatched) -> VideoRead:
        """Wait until a video can be annotated.

        Raises:
            SiteProblem: it cannot become a video of record.
        """

        def look() -> VideoRead:
            found = VideoRead.model_validate(self.http.get(f"/api/videos/{video_id}"))
            _tell(on_progress, found)
            return found

        video = _until(look, lambda found: found.state is not VideoState.ingesting)
        if video.state is VideoState.failed:
            raise _failure(video.problem, "The video could not be read")
        return video

    def masklets(self, video_id: UUID) -> list[MaskletRead]:
        """A video's masklets, by number."""
        found, seq, more = dict[UUID, MaskletRead](), 0, True
        while more:
            changes = Changes.model_validate(
                self.http.get(f"/api/videos/{video_id}/changes?after={seq}&limit={_MOST_CHANGES}")
            )
            found |= {each.id: each for each in changes.masklets}
            seq, more = changes.seq, changes.more
        return sorted((each for each in found.values() if not each.deleted), key=lambda each: each.number)

    def propagate(
        self, video_id: UUID, masklet_ids: Sequence[UUID], *, start_frame: int, key: UUID | None = None
    ) -> RunRead:
        """Begin to carry masklets through the video, in both directions."""
        body = {"masklet_ids": [str(each) for each in masklet_ids], "start_frame": start_frame, "direction": "both"}
        return RunRead.model_validate(self.http.send("POST", f"/api/videos/{video_id}/runs", body, key=key))

    def until_propagated(self, run_id: UUID) -> RunRead:
        """Wait until a propagation has ended, in whatever way."""
        return _until(
            lambda: RunRead.model_validate(self.http.get(f"/api/runs/{run_id}")),
            lambda found: found.state not in (RunState.queued, RunState.running),
        )

    def tasks(self, project_id: UUID) -> Iterator[TaskRead]:
        """What is to be done and who does it."""
        yield from map(TaskRead.model_validate, self.http.every(f"/api/projects/{project_id}/tasks"))

    def formats(self) -> list[ExportFormatRead]:
        """The layouts in which datasets are written."""
        return [ExportFormatRead.model_validate(each) for each in self.http.get("/api/export-formats")]

    def export(self, project_id: UUID, asked: ExportCreate, *, key: UUID | None = None) -> ExportRead:
        """Ask for a dataset. It is not written yet."""
        path = f"/api/projects/{project_id}/exports"
        return ExportRead.model_validate(self.http.send("POST", path, asked.model_dump(mode="json"), key=key))

    def until_exported(self, export_id: UUID, *, on_progress: OnProgress = unwatched) -> ExportRead:
        """Wait until a dataset is written.

        Raises:
            SiteProblem: it could not be.
        """

        def look() -> ExportRead:
            found = ExportRead.model_validate(self.http.get(f"/api/exports/{export_id}"))
            _tell(on_progress, found)
            return found

        export = _until(look, lambda found: found.state in (JobState.done, JobState.failed))
        if export.state is JobState.failed:
            raise _failure(export.problem, "The dataset could not be written")
        return export

    def download(self, export: ExportRead, target: Path, *, on_progress: OnProgress = unwatched) -> None:
        """Fetch a dataset as a zip. What is in the target already is not fetched again."""
        path = f"/api/exports/{export.id}/download"
        self.http.download(path, target, size=export.size_bytes or 0, on_progress=on_progress)

    def upload_import(
        self, project_id: UUID, file: Path, *, key: UUID | None = None, on_progress: OnProgress = unwatched
    ) -> ImportRead:
        """Upload a dataset. It is read, and nothing is made of it before `start_import`."""
        path = f"/api/projects/{project_id}/imports"
        answer = self.http.upload(path, file, name=file.name, key=key, on_progress=on_progress)
        return ImportRead.model_validate(answer)

    def until_read(self, import_id: UUID) -> ImportDetails:
        """Wait until a dataset is read, and see what it would make.

        Raises:
            SiteProblem: it is no dataset.
        """
        return self._import_after(import_id, {ImportState.received})

    def start_import(
        self,
        import_id: UUID,
        *,
        then: Literal["annotate", "verify"] = "annotate",
        labels: Literal["classes", "names"] = "classes",
        take_attributes: bool = True,
    ) -> ImportRead:
        """Make the objects of a dataset that has been read."""
        body = {"then": then, "labels": labels, "take_attributes": take_attributes}
        return ImportRead.model_validate(self.http.send("POST", f"/api/imports/{import_id}/start", body))

    def until_imported(self, import_id: UUID, *, on_progress: OnProgress = unwatched) -> ImportDetails:
        """Wait until the objects are there: all of them, or none and `SiteProblem`."""
        return self._import_after(import_id, {ImportState.received, ImportState.writing}, on_progress=on_progress)

    def forget_import(self, import_id: UUID) -> None:
        """Delete an import of which nothing was made."""
        self.http.send("DELETE", f"/api/imports/{import_id}")

    def _import_after(
        self, import_id: UUID, states: set[ImportState], *, on_progress: OnProgress = unwatched
    ) -> ImportDetails:
        def look() -> ImportDetails:
            found = ImportDetails.model_validate(self.http.get(f"/api/imports/{import_id}"))
            _tell(on_progress, found)
            return found

        found = _until(look, lambda each: each.state not in states)
        if found.problem is not None:
            raise _failure(found.problem, "The dataset could not be imported")
        return found


def _until(look: Callable[[], _T], ended: Callable[[_T], bool]) -> _T:
    while not ended(found := look()):
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return found


def _tell(on_progress: OnProgress, about: Any) -> None:
    if about.job is not None:
        on_progress(about.job.done, about.job.total)


def _failure(problem: Problem | None, otherwise: str) -> SiteProblem:
    if problem is None:
        return SiteProblem(500, otherwise)
    return SiteProblem(problem.status, problem.title, problem.detail, problem.type.rpartition(":")[2])


def _only(found: Sequence[_T], wanted: str, noun: str) -> _T:
    """The entry of this id or name.

    Raises:
        SiteProblem: there is none, or there are several of the name.
    """
    named: list[Any] = [each for each in found if wanted in (str(_of(each, "id")), _of(each, "name"))]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(str(each.id) for each in named)
        raise SiteProblem(409, f"There are {len(named)} {noun}s called {wanted!r}", f"give an id: {ids}.")
    names = ", ".join(repr(_of(each, "name")) for each in found[:20]) or "none"
    raise SiteProblem(404, f"There is no {noun} {wanted!r}", f"there are: {names}.")


def _of(entry: Any, name: str) -> Any:
    return getattr(entry, name)
