"""The manifest of a dataset that Maskloom exported: what its videos and objects are called, and what its files are."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from backend.imports.content.documents import members_of
from backend.imports.content.files import DatasetFiles, ListedFile
from backend.imports.content.harvest import FoundObject, FoundVideo, Harvest
from backend.imports.content.json_values import object_in
from backend.imports.content.labels import label_of
from backend.imports.problems import UnreadableDataset
from backend.tables.states import Origin

MANIFEST = "manifest.json"
_TOOL = "Maskloom"
_KNOWN_VERSION = 1


class ListedObject(BaseModel):
    """What a manifest says of an object."""

    id: int
    uuid: str
    number: int = Field(ge=1, le=2**31 - 1)
    name: str
    origin: Origin
    file: str | None = None
    unknown_frames: list[tuple[int, int]] = []

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

    def frame_step(self, key: str) -> int | None:
        """Every how manieth frame of a video is in the dataset."""
        video = self.videos.get(key)
        return None if video is None else video.frame_step

    def tell(self, harvest: Harvest) -> None:
        """Give what was read the names, numbers and uuids that it had where it was exported.

        Raises:
            UnreadableDataset: it names a video that the files do not have, or they have one that it does not name.
        """
        if self.format is None:
            return
        by_key = {key: (video_id, found) for video_id, key, found in harvest.videos()}
        for key in by_key.keys() ^ self.videos.keys():
            where = "the files do not have" if key in self.videos else "manifest.json does not know"
            raise UnreadableDataset(f"{self.root}{MANIFEST}: video {key} is one that {where}.")
        for key, told in self.videos.items():
            video_id, found = by_key[key]
            harvest.change_video(video_id, self._video(told, found))
            named = {one.key(): one for one in told.objects}
            for object_id, object_key, of_object, _num_masks in harvest.objects(video_id):
                one = named.get(object_key)
                if one is None:
                    raise UnreadableDataset(f"{self.root}{MANIFEST} does not know object {object_key} of video {key}.")
                harvest.change_object(object_id, _told(one, of_object))

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


def _told(one: ListedObject, found: FoundObject) -> FoundObject:
    found.name, found.number, found.uuid, found.origin = label_of(one.name), one.number, one.uuid, one.origin
    found.unknown = one.unknown_frames
    return found


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
