"""The parts of a prompt file as pydantic models. Common spellings of other tools are accepted too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from model_server.headless.mask_file import mask_of_picture, mask_of_run_lengths
from model_server.headless.steps import Clear, Course, Prompt, Propagate, Remove
from model_server.segmenter import Box, Click, FramePrompt, Mask

LABELS = {1: "positive", 0: "negative", "1": "positive", "0": "negative"}

Frame = Annotated[int, Field(ge=0)]
Side = Annotated[int, Field(ge=1, le=16384)]
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


def _folder_name(name: Any) -> Any:
    """An object's name is the name of its result folder, which lies beside the one for logits."""
    if name == "logits":
        raise ValueError("an object cannot be called logits")
    return str(name) if isinstance(name, int) else name


ObjectName = Annotated[str, BeforeValidator(_folder_name), Field(pattern=r"^\w[\w .-]{0,63}$")]
Label = Annotated[
    Literal["positive", "negative"],
    BeforeValidator(lambda label: LABELS.get(label, label) if isinstance(label, int | str) else label),
]


OBJECT = Field(validation_alias=AliasChoices("object", "object_id", "obj", "obj_id"))
FRAME = Field(validation_alias=AliasChoices("frame", "frame_index", "frame_idx"))


class Form(BaseModel):
    """Immutable; an unknown field is an error instead of being ignored silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_list(form: object) -> list[Any] | None:
    """The form as a JSON list; None if it is something else."""
    return cast("list[Any]", form) if isinstance(form, list) else None


def as_object(form: object) -> dict[str, Any] | None:
    """The form as a JSON object; None if it is something else."""
    return cast("dict[str, Any]", form) if isinstance(form, dict) else None


class ClickForm(Form):
    """`{"x": 390, "y": 220, "label": "positive"}` or `[390, 220, 1]`."""

    x: Coordinate
    y: Coordinate
    label: Label = "positive"

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, form: Any) -> Any:
        listed = as_list(form)
        return form if listed is None or len(listed) > 3 else dict(zip(("x", "y", "label"), listed, strict=False))


class BoxForm(Form):
    """`[x0, y0, x1, y1]`, or the same by name: top-left and bottom-right corner."""

    x0: Coordinate
    y0: Coordinate
    x1: Coordinate
    y1: Coordinate

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, form: Any) -> Any:
        listed = as_list(form)
        if listed is None:
            return form
        if len(listed) != 4:
            raise ValueError(f"a box is [x0, y0, x1, y1], not {len(listed)} numbers")
        return dict(zip(("x0", "y0", "x1", "y1"), listed, strict=True))

    @model_validator(mode="after")
    def _in_reading_order(self) -> Self:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError("a box runs from its top-left to its bottom-right corner")
        return self


class MaskForm(Form):
    """`{"size": [height, width], "counts": "..."}`, or `"masks/00012.png"`, or `{"path": "...", "value": 3}`."""

    size: tuple[Side, Side] | None = None
    counts: str | list[int] | None = None
    path: str | None = None
    value: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, form: Any) -> Any:
        return {"path": form} if isinstance(form, str) else form

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        has_run_lengths = self.size is not None and self.counts is not None and self.value is None
        if has_run_lengths == (self.path is not None):
            raise ValueError("a mask is either size and counts, or a path")
        return self

    def mask(self, folder: Path) -> Mask:
        """(H, W) bool; paths are relative to the folder. ValueError if it cannot be read."""
        if self.size is not None and self.counts is not None:
            return mask_of_run_lengths(self.counts, height=self.size[0], width=self.size[1])
        assert self.path is not None, "the validator requires one of the two"
        return mask_of_picture(folder / self.path, self.value)


class PromptForm(Form):
    """The complete prompt of one object on one frame."""

    object: ObjectName = OBJECT
    frame: Frame = FRAME
    clicks: tuple[ClickForm, ...] = ()
    box: BoxForm | None = None
    mask: MaskForm | None = None
    candidate: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_points_and_labels(cls, form: Any) -> Any:
        given = as_object(form)
        if given is None or "points" not in given or "clicks" in given:
            return form
        rest = {name: value for name, value in given.items() if name not in ("points", "labels")}
        points, labels = given["points"], given.get("labels")
        if labels is None or len(labels) != len(points):
            raise ValueError("points need as many labels: 1 for positive, 0 for negative")
        return rest | {"clicks": [[*point[:2], label] for point, label in zip(points, labels, strict=True)]}

    def step(self, folder: Path) -> Prompt:
        """The step as a value, with its mask decoded. ValueError for a prompt that is empty or contradicts itself."""
        clicks = tuple(Click(click.x, click.y, click.label == "positive") for click in self.clicks)
        box = None if self.box is None else Box(self.box.x0, self.box.y0, self.box.x1, self.box.y1)
        mask = None if self.mask is None else self.mask.mask(folder)
        return Prompt(self.object, self.frame, FramePrompt(clicks=clicks, box=box, mask=mask, candidate=self.candidate))


class ClearForm(Form):
    """`{"object": "1", "frame": 12}`."""

    object: ObjectName = OBJECT
    frame: Frame = FRAME

    def step(self) -> Clear:
        """The step as a value."""
        return Clear(self.object, self.frame)


class RemoveForm(Form):
    """`{"object": "1"}`."""

    object: ObjectName = OBJECT

    def step(self) -> Remove:
        """The step as a value."""
        return Remove(self.object)


class PropagateForm(Form):
    """`{"direction": "both", "start": 12, "first": 0, "last": 47, "objects": ["1"], "locked": [3]}`, all optional."""

    direction: Course = "forward"
    start: Frame | None = Field(None, validation_alias=AliasChoices("start", "start_frame"))
    first: Frame = Field(0, validation_alias=AliasChoices("first", "first_frame"))
    last: Frame | None = Field(None, validation_alias=AliasChoices("last", "last_frame", "end"))
    objects: tuple[ObjectName, ...] | None = None
    locked: tuple[Frame, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_direction(cls, form: Any) -> Any:
        if form is True:
            return {}
        return {"direction": form} if isinstance(form, str) else form

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        start, last = self.start, self.last
        if last is not None and last < self.first:
            raise ValueError(f"first ({self.first}) comes after last ({last})")
        if start is not None and not (self.first <= start and (last is None or start <= last)):
            raise ValueError(f"start ({start}) lies outside the range {self.first}..{'end' if last is None else last}")
        return self

    def step(self) -> Propagate:
        """The step as a value."""
        return Propagate(self.direction, self.start, self.first, self.last, self.objects, self.locked)
