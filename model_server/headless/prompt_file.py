"""`prompts.json`: the steps of a stored session. model_server/headless/README.md shows one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator
from pydantic_core import ErrorDetails

from model_server.headless.prompt_forms import (
    ClearForm,
    Form,
    PromptForm,
    PropagateForm,
    RemoveForm,
    Side,
    as_list,
    as_object,
)
from model_server.headless.steps import Propagate, Step


class PromptFileError(ValueError):
    """The file cannot be used; the message names each fault and its location, one per line."""


class StepForm(Form):
    """One of `{"prompt": ...}`, `{"propagate": ...}`, `{"clear": ...}`, `{"remove": ...}`."""

    prompt: PromptForm | None = None
    propagate: PropagateForm | None = None
    clear: ClearForm | None = None
    remove: RemoveForm | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_prompt(cls, form: Any) -> Any:
        given = as_object(form)
        is_bare = given is not None and not given.keys() & cls.model_fields.keys()
        return {"prompt": given} if is_bare else form

    @model_validator(mode="after")
    def _is_one_step(self) -> Self:
        if sum(form is not None for form in (self.prompt, self.propagate, self.clear, self.remove)) != 1:
            raise ValueError("a step is one of prompt, propagate, clear, remove")
        return self

    def step(self, folder: Path) -> Step:
        """The step as a value, with its mask decoded. ValueError if it makes no valid prompt."""
        if self.prompt is not None:
            return self.prompt.step(folder)
        others = [form for form in (self.propagate, self.clear, self.remove) if form is not None]
        return others[0].step()


class Size(Form):
    """The size of a video, in pixels."""

    width: Side
    height: Side


class PromptFile(Form):
    """`{"steps": [...]}`; also the list alone, or `{"prompts": [...], "propagate": [...]}` with prompts first."""

    video: Size | None = None
    """The video the prompts were made on, if the frames are a resized copy of it; masks get this size."""
    steps: tuple[StepForm, ...]

    @model_validator(mode="before")
    @classmethod
    def _from_lists(cls, form: Any) -> Any:
        if (listed := as_list(form)) is not None:
            return {"steps": listed}
        given = as_object(form)
        if given is None or "prompts" not in given or "steps" in given:
            return form
        asked = given.get("propagate", [])
        listed = as_list(asked)
        propagations = [asked] if listed is None else listed
        rest = {name: value for name, value in given.items() if name not in ("prompts", "propagate")}
        return rest | {"steps": [*given["prompts"], *({"propagate": each} for each in propagations)]}


@dataclass(frozen=True, slots=True)
class StoredPrompts:
    """A prompt file that has been read; `folder` is where the paths of its images start."""

    file: PromptFile
    folder: Path
    prompts_only: bool = False

    def steps(self) -> Iterator[Step]:
        """In order, decoding one mask at a time. If none is a propagation, one through the whole video is added."""
        for form in self.file.steps:
            yield form.step(self.folder)
        yield from self.ending()

    def ending(self) -> tuple[Propagate, ...]:
        """The propagation added after the file's own steps, if any."""
        is_complete = self.prompts_only or any(form.propagate for form in self.file.steps)
        return () if is_complete else (Propagate("both"),)

    def label(self, index: int) -> str:
        """A step as messages name it: `steps[3] (object 1, frame 6)`."""
        return f"steps[{index}]{_whose(self.file.steps[index].model_dump(exclude_none=True))}"


def read(path: Path, *, prompts_only: bool = False) -> StoredPrompts:
    """Read a prompt file. PromptFileError if it is missing, is not JSON, or contains anything unknown."""
    try:
        contents = json.loads(path.read_bytes())
    except OSError as error:
        raise PromptFileError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise PromptFileError(f"{path} is not JSON: {error}") from error
    try:
        return StoredPrompts(PromptFile.model_validate(contents), path.parent, prompts_only)
    except ValidationError as error:
        raise PromptFileError("\n".join(_message(fault, contents) for fault in error.errors())) from error


def _message(fault: ErrorDetails, contents: Any) -> str:
    """`steps[3].prompt.box (object 1, frame 6): a box runs ...`."""
    path = ""
    step: Any = {}
    for part in fault["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
        if isinstance(part, int) and not step:
            listed = as_list(contents)
            steps: list[Any] = contents.get("steps") or contents.get("prompts") or [] if listed is None else listed
            step = steps[part] if part < len(steps) else {}
    return f"{path or 'the file'}{_whose(step)}: {fault['msg'].removeprefix('Value error, ')}"


def _whose(step: Any) -> str:
    """` (object 1, frame 6)` of a step as written, as far as it names them."""
    given = as_object(step)
    if given is None:
        return ""
    nested = (inner for value in given.values() if (inner := as_object(value)) is not None)
    said = next((inner for inner in nested if "counts" not in inner), dict[str, Any]()) | given
    names = (("object", ("object", "object_id", "obj", "obj_id")), ("frame", ("frame", "frame_index", "frame_idx")))
    told = [f"{word} {said[name]}" for word, spellings in names for name in spellings if name in said]
    return f" ({', '.join(told)})" if told else ""
