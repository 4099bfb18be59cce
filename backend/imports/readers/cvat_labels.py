"""The labels of CVAT documents with their attributes, and what the text of an attribute means."""

import re
from typing import Any

from backend.imports.content.harvest import FoundObject, Harvest
from backend.imports.content.labels import label_of
from backend.imports.content.ontology import FoundAttribute, FoundChoice, FoundClass, FoundOntology, checked_value
from backend.imports.content.xml_documents import XmlEvent
from backend.imports.problems import UnreadableDataset
from backend.ontology.schemas import AttributeKind, AttributeScope
from backend.ontology.validation import same_name

_NO_LABEL = "object"  # as exports have it
_UNDEFINED = ("", "__undefined__")
_ATTRIBUTE = "label/attributes/attribute"
_COLOR = re.compile("#[0-9a-f]{6}", re.IGNORECASE)
_KINDS = {
    "select": AttributeKind.choice,
    "radio": AttributeKind.choice,
    "number": AttributeKind.number,
    "checkbox": AttributeKind.yes_no,
}
_YES_NO = {"true": True, "false": False}
_MOST = 10_000
_SCOPE = AttributeScope.object  # CVAT has no others in tracks


class CvatLabels:
    """The labels of one document, which go into the dataset's ontology beside those of others."""

    def __init__(self, ontology: FoundOntology, name: str) -> None:
        self._ontology = ontology
        self._name = name
        self._places: dict[tuple[str, str], int] = {}  # in the ontology, by label and attribute
        self._label: dict[str, str] = {}
        self._attribute: dict[str, str] = {}
        self._attributes: list[dict[str, str]] = []

    def look(self, event: XmlEvent) -> None:
        """Take what meta says of labels. Attributes of one name and kind are one, whatever labels have them."""
        part = event.path.partition("/labels/")[2]
        last = part.rpartition("/")[2]
        if event.attributes is not None:
            if part == "label":
                self._label, self._attributes = {}, []
            elif part == _ATTRIBUTE:
                self._attribute = {}
        elif part == _ATTRIBUTE:
            self._attributes.append(self._attribute)
        elif part.startswith(f"{_ATTRIBUTE}/"):
            self._attribute[last] = event.text
        elif part == "label":
            self._finish()
        elif part:
            self._label[last] = event.text

    def object_of(self, track: dict[str, str], *, absent_elsewhere: bool) -> FoundObject:
        label = label_of(track.get("label"))
        return FoundObject(label=None if label == _NO_LABEL else label, absent_elsewhere=absent_elsewhere)

    def changes(self, label: str, name: str) -> bool:
        """Whether the attribute may have another value on another frame."""
        return self._ontology.attributes[self._place(label, name)].changes

    def tell(self, harvest: Harvest, object_id: int, label: str, said: dict[str, dict[int, str]], place: str) -> None:
        """Put what a track's shapes say into the harvest: texts by attribute and frame.

        Raises:
            UnreadableDataset: a text is none of the attribute's values.
        """
        for name, texts in said.items():
            at = self._place(label, name)
            attribute = self._ontology.attributes[at]
            for frame, text in texts.items():
                here = f"{place}, frame {frame}"
                value = checked_value(attribute, _meant(attribute, text), place=here)
                if attribute.changes:
                    harvest.add_value("object", object_id, at, (frame, value), place=here)
                elif value is not None:
                    harvest.add_value("object", object_id, at, (0, value), place=here)

    def _place(self, label: str, name: str) -> int:
        """Of an attribute in the ontology. One that no label declares is text."""
        if (label, name) not in self._places:
            self._add(label, {"name": name, "mutable": "true"})
        return self._places[label, name]

    def _finish(self) -> None:
        label, known = self._label.get("name", ""), self._ontology.classes
        name = label_of(label)
        if name is not None and name != _NO_LABEL and same_name(name) not in {same_name(each.name) for each in known}:
            self._require_few(len(known))
            color = self._label.get("color", "")
            known.append(FoundClass(name=name, color=color if _COLOR.fullmatch(color) else None))
        for told in self._attributes:
            self._add(label, told)

    def _add(self, label: str, told: dict[str, str]) -> None:
        attribute, known = _attribute(told), self._ontology.attributes
        form = (same_name(attribute.name), attribute.kind)
        at = next((at for at, each in enumerate(known) if (same_name(each.name), each.kind) == form), len(known))
        self._places[label, told.get("name", "")] = at
        if at == len(known):
            self._require_few(at)
            known.append(attribute)
            return
        same = known[at]
        same.changes = same.changes or attribute.changes
        names = {same_name(choice.name) for choice in same.choices}
        same.choices += [choice for choice in attribute.choices if same_name(choice.name) not in names]

    def _require_few(self, count: int) -> None:
        if count >= _MOST:
            raise UnreadableDataset(f"{self._name}: there are more than {_MOST:,} labels or attributes.")


def _attribute(told: dict[str, str]) -> FoundAttribute:
    texts = [text for line in told.get("values", "").split("\n") if (text := label_of(line))]
    names = {same_name(text): text for text in texts if text not in _UNDEFINED}
    choices = [FoundChoice(name=name) for name in names.values()]
    kind = _KINDS.get(told.get("input_type", ""), AttributeKind.text)
    if kind is AttributeKind.choice and not choices:
        kind = AttributeKind.text
    if kind is not AttributeKind.choice:
        choices = []  # the bounds and the step of a number, or a default
    changes = told.get("mutable", "").casefold() == "true"
    name = label_of(told.get("name")) or "attribute"
    return FoundAttribute(name=name, scope=_SCOPE, kind=kind, changes=changes, choices=choices)


def _meant(attribute: FoundAttribute, text: str) -> Any:
    """What a text may mean; itself, if it is none of the attribute's values."""
    if text in _UNDEFINED:
        return None
    if attribute.kind is AttributeKind.yes_no:
        return _YES_NO.get(text.casefold(), text)
    if attribute.kind is AttributeKind.number:
        try:
            return float(text)
        except ValueError:
            return text
    return label_of(text) if attribute.kind is AttributeKind.choice else text  # as the choices themselves
