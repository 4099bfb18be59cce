"""Categories of the JSON layouts, from which objects get their names."""

from typing import Any

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

    def name_of(self, annotation: dict[str, Any]) -> str | None:
        """An object's name: its category, and a word if it is a crowd."""
        name = self._names.get(str(annotation.get("category_id")))
        return f"{name or 'Object'} (crowd)" if annotation.get("iscrowd") == 1 else name
