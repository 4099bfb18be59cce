"""Set values of attributes, and find those that are missed."""

from collections.abc import Collection, Iterable
from typing import assert_never

from backend.ontology.problems import UnknownAttribute
from backend.ontology.schemas import Attribute, AttributeKind, AttributeScope, AttributeValue, Ontology
from backend.ontology.timelines import Value, Values, settled


def with_values(
    ontology: Ontology,
    values: Values,
    changes: Iterable[AttributeValue],
    *,
    scopes: Collection[AttributeScope],
    num_frames: int,
) -> dict[str, dict[str, Value]]:
    """The values after some were set, as they are stored.

    Raises:
        UnknownAttribute: the ontology has no such attribute of these scopes, it has no such value, or there is no such
            frame.
    """
    attributes = {each.id: each for each in ontology.attributes if each.scope in scopes}
    found = {attribute_id: dict(timeline) for attribute_id, timeline in values.items()}
    for change in changes:
        attribute = attributes.get(change.attribute_id)
        if attribute is None:
            raise UnknownAttribute(f"There is no such attribute of {' or '.join(scopes)}: {change.attribute_id}.")
        last = max(0, num_frames - 1) if attribute.changes else 0
        if change.frame_index > last:
            allowed = f"has frames 0 to {last}" if attribute.changes else "does not change: say it at frame 0"
            raise UnknownAttribute(f"{attribute.name!r} {allowed}, not at {change.frame_index}.")
        timeline = found.setdefault(str(attribute.id), {})
        timeline[str(change.frame_index)] = _checked(attribute, change.value)
    settled_ones = {attribute_id: settled(timeline) for attribute_id, timeline in found.items()}
    return {attribute_id: timeline for attribute_id, timeline in settled_ones.items() if timeline}


def missed(ontology: Ontology, values: Values, scope: AttributeScope) -> list[str]:
    """The names of the required attributes that have no value at all."""
    return [
        each.name
        for each in ontology.attributes
        if each.required and each.scope is scope and str(each.id) not in values
    ]


def _checked(attribute: Attribute, value: Value) -> Value:
    if value is None:
        return None
    match attribute.kind:
        case AttributeKind.choice:
            if value not in {str(choice.id) for choice in attribute.choices}:
                names = ", ".join(f"{choice.name} ({choice.id})" for choice in attribute.choices[:10])
                raise UnknownAttribute(f"{attribute.name!r} is one of: {names}.")
            return value
        case AttributeKind.number:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case AttributeKind.text:
            fits = isinstance(value, str)
        case AttributeKind.yes_no:
            fits = isinstance(value, bool)
        case _:
            assert_never(attribute.kind)
    if not fits:
        raise UnknownAttribute(f"{attribute.name!r} is {_IN_WORDS[attribute.kind]}, not {value!r:.40}.")
    return value


_IN_WORDS = {AttributeKind.number: "a number", AttributeKind.text: "a text", AttributeKind.yes_no: "yes or no"}
