"""The manifest of a dataset that Maskloom exported: what its videos and objects are, and what its files are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles, ListedFile
from backend.imports.content.harvest import FoundObject, FoundVideo, Harvest, Owner
from backend.imports.content.json_values import object_in
from backend.imports.content.labels import label_of
from backend.imports.content.ontology import FoundOntology, checked_value
from backend.imports.problems import UnreadableDataset
from backend.ontology.problems import UnusableOntology
from backend.ontology.schemas import AttributeScope, Ontology, OntologyWrite
from backend.ontology.validation import identified
from backend.tables.states import Origin

MANIFEST = "manifest.json"
_TOOL = "Maskloom"
_KNOWN_VERSION = 1


class _ListedValues(BaseModel):
    """The values of one attribute, each with the frame from which on it holds."""

    id: UUID
    values: list[tuple[int, Any]]


class _ListedClass(BaseModel):
    id: UUID


class ListedObject(BaseModel):
    """What a manifest says of an object."""

    id: int
    uuid: str
    number: int = Field(ge=1, le=2**31 - 1)
    name: str
    origin: Origin
    file: str | None = None
    unknown_frames: list[tuple[int, int]] = []
    object_class: _ListedClass | None = Field(default=None, alias="class")
    attributes: list[_ListedValues] = []

    def key(self) -> str:
        return str(self.id) if self.file is None else f"{self.file} {self.id}"


class ListedVideo(BaseModel):
    """What a manifest says of a video."""

    id: int | str
    uuid: str
    name: str
    num_frames: int = Field(ge=1)
    width: int
    height: int
    frame_step: int = Field(ge=1)
    objects: list[ListedObject]
    attributes: list[_ListedValues] = []


class _File(BaseModel):
    path: str
    bytes: int
    sha256: str


@dataclass(slots=True)
class DatasetManifest:
    """What it says; nothing, if the dataset has none. Videos are known by what the files call them."""

    format: str | None = None
    root: str = ""  # the folder that it lies in, with a slash at its end
    videos: dict[str, ListedVideo] = field(default_factory=dict[str, ListedVideo])
    files: dict[str, ListedFile] = field(default_factory=dict[str, ListedFile])
    ontology: FoundOntology = field(default_factory=FoundOntology)

    def frame_step(self, key: str) -> int | None:
        """Every how manieth frame of a video is in the dataset."""
        video = self.videos.get(key)
        return None if video is None else video.frame_step

    def tell(self, harvest: Harvest) -> None:
        """Give what was read the names, numbers, uuids, classes and values that it had where it was exported.

        Raises:
            UnreadableDataset: it names a video that the files do not have, or they have one that it does not name; or a
                class, attribute or value is not of its ontology.
        """
        if self.format is None:
            return
        harvest.forget_ontology()  # the files' labels are what the format made of ours
        harvest.ontology = self.ontology
        terms = _Terms(self.ontology)
        by_key = {key: (video_id, found) for video_id, key, found in harvest.videos()}
        for key in by_key.keys() ^ self.videos.keys():
            where = "the files do not have" if key in self.videos else "manifest.json does not know"
            raise UnreadableDataset(f"{self.root}{MANIFEST}: video {key} is one that {where}.")
        for key, told in self.videos.items():
            video_id, found = by_key[key]
            place = f"{self.root}{MANIFEST}, video {key}"
            harvest.change_video(video_id, self._video(told, found))
            terms.tell(harvest, "video", video_id, told.attributes, _Said(told.num_frames, _OF_VIDEOS, place))
            named = {one.key(): one for one in told.objects}
            for object_id, object_key, of_object, _num_masks in harvest.objects(video_id):
                one = named.get(object_key)
                if one is None:
                    raise UnreadableDataset(f"{self.root}{MANIFEST} does not know object {object_key} of video {key}.")
                here = f"{place}, object {one.key()}"
                harvest.change_object(object_id, _told(one, of_object, terms.name_of(one.object_class, here)))
                terms.tell(harvest, "object", object_id, one.attributes, _Said(told.num_frames, _OF_OBJECTS, here))

    def _video(self, told: ListedVideo, found: FoundVideo) -> FoundVideo:
        if (found.width or told.width, found.height or told.height) != (told.width, told.height):
            raise UnreadableDataset(
                f"{self.root}{MANIFEST} says that {told.name} is {told.width} x {told.height}, "
                f"and its masks are {found.width} x {found.height}."
            )
        listed = self.files.get(f"{self.root}{told.id}.mp4")
        found.names = [name for name in (label_of(told.name), *found.names) if name]
        found.width, found.height, found.num_frames = told.width, told.height, told.num_frames
        found.uuid, found.sha256, found.indexes = told.uuid, listed.sha256 if listed else found.sha256, True
        return found


def _told(one: ListedObject, found: FoundObject, label: str | None) -> FoundObject:
    found.name, found.number, found.uuid, found.origin = label_of(one.name), one.number, one.uuid, one.origin
    found.unknown, found.label = one.unknown_frames, label
    return found


_OF_OBJECTS = frozenset({AttributeScope.object})
_OF_VIDEOS = frozenset({AttributeScope.video, AttributeScope.frame})


@dataclass(frozen=True, slots=True)
class _Said:
    """What values are said of: of so many frames, by attributes of these scopes, at this place in the document."""

    num_frames: int
    scopes: frozenset[AttributeScope]
    place: str


class _Terms:
    """The classes and attributes of a manifest's ontology by their ids."""

    def __init__(self, ontology: FoundOntology) -> None:
        self._attributes = ontology.attributes
        self._classes = {each.id: each.name for each in ontology.classes}
        self._places = {each.id: at for at, each in enumerate(ontology.attributes)}

    def name_of(self, listed: _ListedClass | None, place: str) -> str | None:
        if listed is not None and listed.id not in self._classes:
            raise UnreadableDataset(f"{place}: class {listed.id} is not in the ontology.")
        return None if listed is None else self._classes[listed.id]

    def tell(self, harvest: Harvest, owner: Owner, owner_id: int, listed: Sequence[_ListedValues], said: _Said) -> None:
        for each in listed:
            at = self._places.get(each.id)
            if at is None or self._attributes[at].scope not in said.scopes:
                scopes = " or ".join(sorted(said.scopes))
                raise UnreadableDataset(f"{said.place}: attribute {each.id} of {scopes} is not in the ontology.")
            attribute = self._attributes[at]
            num_frames = said.num_frames if attribute.changes else 1
            before = -1
            for frame, value in each.values:
                if not before < frame < num_frames:
                    words = f"has a value at frame {frame}, out of order or beyond the {num_frames} that it may have"
                    raise UnreadableDataset(f"{said.place}: attribute {attribute.name!r:.80} {words}.")
                before = frame
                value = checked_value(attribute, value, place=f"{said.place}, frame {frame}")
                harvest.add_value(owner, owner_id, at, (frame, value), place=said.place)


def read_manifest(files: DatasetFiles) -> DatasetManifest:
    """The manifest, and the files' digests for `files` to compare with.

    Raises:
        UnreadableDataset: it is not of a form that is known here, or a file that it lists is missing.
    """
    path = next((name for name in files.names if name == MANIFEST or name.endswith(f"/{MANIFEST}")), None)
    if path is None:
        return DatasetManifest()
    manifest = DatasetManifest(root=path.removesuffix(MANIFEST))
    head: dict[str, Any] = {}
    for key, value in members_of(files, path):
        try:
            if key == "videos":
                video = ListedVideo.model_validate(value)
                manifest.videos[str(video.id)] = video
            elif key == "files":
                listed = _File.model_validate(value)
                manifest.files[manifest.root + listed.path] = ListedFile(listed.bytes, listed.sha256)
            elif key == "ontology":
                manifest.ontology = _ontology(value, f"{path}, ontology")
            elif key in ("manifest", "tool", "format"):
                head[key] = value
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in (key, *first["loc"]))
            raise UnreadableDataset(f"{path}, {where}: {first['msg']}.") from None
    tool, form = object_in(head.get("tool")) or {}, object_in(head.get("format")) or {}
    if tool.get("name") != _TOOL:
        return DatasetManifest()  # of other software, which says nothing to us
    if head.get("manifest") != _KNOWN_VERSION:
        raise UnreadableDataset(f"{path} is of a form that this Maskloom does not know: {head.get('manifest')!r}.")
    manifest.format = str(form.get("name"))
    for name, listed in manifest.files.items():
        if name not in files or files.size(name) != listed.num_bytes:
            raise UnreadableDataset(f"{name} is missing or has another size than {path} lists.")
    files.listed = manifest.files
    return manifest


def _ontology(value: Any, place: str) -> FoundOntology:
    """The ontology of the project that was exported, which must not contradict itself."""
    found = FoundOntology.model_validate(value)
    try:
        identified(Ontology(), OntologyWrite.model_validate(found.model_dump(exclude={"whole"})))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableDataset(f"{place}.{where}: {first['msg']}.") from None
    except UnusableOntology as problem:
        raise UnreadableDataset(f"{place}: {problem.detail}") from None
    found.whole = True
    return found
