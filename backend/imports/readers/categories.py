"""Categories of the JSON layouts, which say what kind of thing an object is."""

from typing import Any

from backend.imports.content.harvest import FoundObject
from backend.imports.content.json_values import object_in
from backend.imports.content.labels import label_of

_NO_CATEGORY = "object"  # as exports have it that know none


class Categories:
    """Categories by id."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, value: Any) -> None:
        entry = object_in(value) or {}
        name = label_of(entry.get("name"))
        if name is not None and name != _NO_CATEGORY:
            self._names[str(entry.get("id"))] = name

    def object_of(self, annotation: dict[str, Any], *, absent_elsewhere: bool) -> FoundObject:
        """An annotation's object with its category as a label. A crowd has a name that says so."""
        label = self._names.get(str(annotation.get("category_id")))
        name = f"{label or 'Object'} (crowd)" if annotation.get("iscrowd") == 1 else None
        return FoundObject(name=name, label=label, absent_elsewhere=absent_elsewhere)
