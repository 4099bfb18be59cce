"""An ontology with names that formats have to take care of, and anything said by it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from backend.datasets.descriptions import ExportedValues
from backend.ontology.schemas import Attribute, AttributeChoice, AttributeKind, AttributeScope, ObjectClass, Ontology
from backend.ontology.timelines import Value

ODD = 'no: "<Tasse> & ☕\u0085\\'


def object_class(key: int, name: str, **more: Any) -> ObjectClass:
    return ObjectClass(id=UUID(int=key), name=name, color=f"#0000{key:02x}", **more)


def attribute(key: int, name: str, scope: AttributeScope, kind: AttributeKind, *choices: str, **more: Any) -> Attribute:
    named = [AttributeChoice(id=UUID(int=key << 8 | at), name=each) for at, each in enumerate(choices)]
    changes = more.pop("changes", scope is AttributeScope.frame)
    return Attribute(id=UUID(int=key), name=name, scope=scope, kind=kind, changes=changes, choices=named)


VEHICLE, CAR, STRANGE = (
    object_class(1, "Vehicle"),
    object_class(2, "Car", parent="Vehicle"),
    object_class(3, ODD),
)
PAINT = attribute(11, "Paint", AttributeScope.object, AttributeKind.choice, "Red", ODD)
OCCLUDED = attribute(12, "Occluded", AttributeScope.object, AttributeKind.yes_no, changes=True)
SPEED = attribute(13, "Speed", AttributeScope.object, AttributeKind.number, changes=True)
WORDS = attribute(14, '"Words" <1>', AttributeScope.object, AttributeKind.text)
WEATHER = attribute(15, "Weather", AttributeScope.frame, AttributeKind.text)
SEASON = attribute(16, "Season", AttributeScope.video, AttributeKind.choice, "Summer")

ONTOLOGY = Ontology(classes=[VEHICLE, CAR, STRANGE], attributes=[PAINT, OCCLUDED, SPEED, WEATHER, WORDS, SEASON])

_KINDS: Mapping[AttributeKind, st.SearchStrategy[Value]] = {
    AttributeKind.number: st.sampled_from([-1e15, -0.5, 0.0, 1.0, 1e-7, 1e15]),
    AttributeKind.text: st.sampled_from(["a", "<&\"'>\n☕", "\x01 \ufffe", "]]>"]),
    AttributeKind.yes_no: st.booleans(),
}

classes = st.sampled_from([None, *ONTOLOGY.classes])


@st.composite
def values(draw: st.DrawFn, num_frames: int, *scopes: AttributeScope) -> list[ExportedValues]:
    """Anything that is said by attributes of these scopes."""
    found = []
    for each in ONTOLOGY.attributes:
        if each.scope in scopes and draw(st.booleans()):
            names = [choice.name for choice in each.choices]
            kind = st.sampled_from(names) if names else _KINDS[each.kind]
            frames = st.integers(0, num_frames - 1) if each.changes else st.just(0)
            by_frame = draw(st.dictionaries(frames, st.none() | kind, min_size=1, max_size=3))
            found.append(ExportedValues(each, dict(sorted(by_frame.items()))))
    return found
