"""What a dataset holds, without the masks: small enough to be kept in a row and shown before anything is written."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from backend.imports.content.files import Meter, open_dataset
from backend.imports.content.harvest import FoundVideo, Harvest, is_even, spread, stretches
from backend.imports.content.manifest import read_manifest
from backend.imports.content.ontology import FoundClass, FoundOntology
from backend.imports.problems import UnreadableDataset
from backend.imports.readers.reader import OpenDataset
from backend.imports.readers.registry import reader_for
from backend.ontology.validation import same_name

_NAMED_OBJECTS = 12


class SurveyedVideo(BaseModel):
    """A video as the dataset has it."""

    key: str
    names: list[str]
    width: int | None
    height: int | None
    num_frames: int | None
    uuid: str | None
    sha256: str | None
    indexes: bool
    pictures: bool
    frames: list[list[int]]  # stretches of the frames' numbers: first, last, step
    num_objects: int
    num_masks: int
    num_never_visible: int
    objects: list[str]  # the first names, or labels where there are none
    labels: dict[str, int] = {}  # how many objects have each
    values: dict[int, int] = {}  # by an attribute's place: how many objects have values, and 1 if the video has
    num_own_values: int = 0  # attributes that the video and its frames have values of

    def numbers(self) -> list[int]:
        return spread(self.frames)


class Survey(BaseModel):
    """A dataset's videos, in its order."""

    format: str
    title: str
    videos: list[SurveyedVideo]
    ontology: FoundOntology = FoundOntology()


def survey_dataset(source: Path, *, name: str, content: Path, meter: Meter) -> Survey:
    """Read a dataset, called `name`, into the file `content`.

    Raises:
        UnreadableDataset: it is none, or something in it is not what it should be.
        Stopped: nobody wants it any more.
    """
    with open_dataset(source, name=name, meter=meter) as files:
        if not files.names:
            raise UnreadableDataset("There are no files in it.")
        manifest = read_manifest(files)
        reader = reader_for(files, manifest)
        harvest = Harvest(content, fresh=True)
        try:
            reader.read(OpenDataset(files, manifest, harvest))
            manifest.tell(harvest)
            videos = [_surveyed(harvest, *each) for each in harvest.videos()]
            ontology = _with_labels(harvest.ontology, videos)
        finally:
            harvest.close()
    if not any(video.num_objects for video in videos):
        raise UnreadableDataset("It holds no object with a mask.")
    return Survey(format=reader.name, title=reader.title, videos=videos, ontology=ontology)


def _surveyed(harvest: Harvest, video_id: int, key: str, found: FoundVideo) -> SurveyedVideo:
    objects = [(object_id, one, num_visible) for object_id, _key, one, num_visible in harvest.objects(video_id)]
    visible = [(one, num_visible) for _id, one, num_visible in objects if num_visible]
    labels = Counter(one.label for one, _num in visible if one.label is not None)
    own = harvest.values("video", video_id)
    values = Counter(own.keys())
    for object_id, _one, num_visible in objects:
        values.update(harvest.values("object", object_id).keys() if num_visible else ())
    return SurveyedVideo(
        key=key,
        names=found.names,
        width=found.width,
        height=found.height,
        num_frames=found.num_frames,
        uuid=found.uuid,
        sha256=found.sha256,
        indexes=found.indexes,
        pictures=found.pictures,
        frames=stretches(harvest.frames(video_id)),
        num_objects=len(visible),
        num_masks=sum(num_visible for _one, num_visible in visible),
        num_never_visible=len(objects) - len(visible),
        objects=[one.name or one.label or "" for one, _num in visible[:_NAMED_OBJECTS]],
        labels=labels,
        values=values,
        num_own_values=len(own),
    )


def _with_labels(found: FoundOntology, videos: Sequence[SurveyedVideo]) -> FoundOntology:
    """With a class for every label. Of what is no project's own, only that which something has."""
    used = {same_name(label): label for video in videos for label in video.labels}
    known = {same_name(each.name) for each in found.classes}
    wanted = found.classes if found.whole else [each for each in found.classes if same_name(each.name) in used]
    new = [FoundClass(name=label) for key, label in used.items() if key not in known]
    return FoundOntology(classes=[*wanted, *new], attributes=found.attributes, whole=found.whole)


def frame_indexes(video: SurveyedVideo, num_frames: int) -> dict[int, int]:
    """The index in a video of `num_frames` frames by the dataset's number of a frame.

    Numbers are indexes where the dataset says so. Otherwise they are names: if there are as many as the video has
    frames, they are taken in their order; if they begin at 0 and span the video, they are indexes.

    Raises:
        FramesUnclear: they do not go together, or cannot be told.
    """
    numbers = video.numbers()
    if video.num_frames is not None and video.num_frames != num_frames:
        raise FramesUnclear(f"it has {video.num_frames} frames there and {num_frames} here")
    if not numbers:
        return {}
    if video.indexes:
        if numbers[-1] >= num_frames:
            raise FramesUnclear(f"it has a frame {numbers[-1]} there and only {num_frames} frames here")
        return {number: number for number in numbers}
    if len(numbers) == num_frames:
        return {number: index for index, number in enumerate(numbers)}
    if (words := _why_unclear(numbers, num_frames, whole=video.pictures)) is not None:
        raise FramesUnclear(words)
    return {number: number for number in numbers}


class FramesUnclear(Exception):
    """Frames of a dataset's video cannot be found in a video here. The message is a clause."""


def _why_unclear(numbers: Sequence[int], num_frames: int, *, whole: bool) -> str | None:
    first, last = numbers[0], numbers[-1]
    if first != 0:
        return f"its frames are numbered from {first} and are not as many as here ({len(numbers)}, {num_frames})"
    if last >= num_frames:
        return f"it has a frame {last} there and only {num_frames} frames here"
    if len(numbers) == 1:
        return None  # the first frame alone, as in MOSE's validation set
    step = numbers[1] - first
    if is_even(list(numbers)) and (step == 1 or (whole and last + step < num_frames)):
        return f"it has {len(numbers)} frames there, up to frame {last}, and {num_frames} here"
    return None
