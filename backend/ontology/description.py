"""What is said of masklets: their class and the values of their attributes, which are set here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from backend.ontology.problems import UnknownClass
from backend.ontology.schemas import AttributeScope, AttributeValue, ObjectClass, Ontology
from backend.ontology.values import with_values
from backend.tables import Masklet, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is to be said of an object. Without `sets_class` it keeps its class, and other values stay as they are."""

    class_id: UUID | None = None
    sets_class: bool = False
    values: Sequence[AttributeValue] = field(default_factory=tuple[AttributeValue, ...])

    def __bool__(self) -> bool:
        return self.sets_class or bool(self.values)

    @staticmethod
    def of(masklet: Masklet) -> "Description":
        """All that is said of another masklet."""
        values = [
            AttributeValue(attribute_id=UUID(attribute_id), frame_index=int(frame), value=value)
            for attribute_id, timeline in masklet.attributes.items()
            for frame, value in timeline.items()
        ]
        return Description(class_id=masklet.class_id, sets_class=masklet.class_id is not None, values=values)


@dataclass(frozen=True, slots=True)
class Said:
    """What `describe` changed, as `DescriptionChange` stores it."""

    before: dict[str, Any]
    after: dict[str, Any]


def describe(ontology: Ontology, video: Video, masklet: Masklet, said: Description) -> Said | None:
    """Set class and values of a masklet of a locked video. Returns what changed, if anything did.

    Raises:
        UnknownClass, UnknownAttribute: the ontology has no such class, attribute or value, or the video no such frame.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if said.sets_class and said.class_id != masklet.class_id:
        if said.class_id is not None:
            require_class(ontology, said.class_id)
        before["class_id"], after["class_id"] = _text(masklet.class_id), _text(said.class_id)
    if said.values:
        frames = video.num_frames or 0
        scopes = (AttributeScope.object,)
        values = with_values(ontology, masklet.attributes, said.values, scopes=scopes, num_frames=frames)
        set_ones = {str(each.attribute_id) for each in said.values}
        changed = [each for each in set_ones if masklet.attributes.get(each, {}) != values.get(each, {})]
        if changed:
            before["attributes"] = {each: masklet.attributes.get(each, {}) for each in sorted(changed)}
            after["attributes"] = {each: values.get(each, {}) for each in sorted(changed)}
    if not after:
        return None
    put(masklet, after)
    return Said(before, after)


def require_class(ontology: Ontology, class_id: UUID) -> ObjectClass:
    found = next((each for each in ontology.classes if each.id == class_id), None)
    if found is None:
        raise UnknownClass(f"There is no class {class_id}.")
    return found


def stands(masklet: Masklet, state: Mapping[str, Any]) -> bool:
    """Whether class and values are still as a change had them before or after it."""
    timelines: Mapping[str, Any] = state.get("attributes", {})
    same_class = "class_id" not in state or state["class_id"] == _text(masklet.class_id)
    return same_class and all(masklet.attributes.get(each, {}) == was for each, was in timelines.items())


def put(masklet: Masklet, state: Mapping[str, Any]) -> None:
    """Set class and values as a change had them before or after it."""
    if "class_id" in state:
        masklet.class_id = None if state["class_id"] is None else UUID(state["class_id"])
    if "attributes" in state:
        merged = masklet.attributes | state["attributes"]
        masklet.attributes = {each: timeline for each, timeline in merged.items() if timeline}


def _text(class_id: UUID | None) -> str | None:
    return None if class_id is None else str(class_id)
