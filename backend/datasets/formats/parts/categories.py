"""Classes as the categories of COCO and of what is built on it, which count from 1."""

from typing import Any

from backend.datasets.descriptions import DatasetClass, DatasetOntology


def categories_of(ontology: DatasetOntology) -> list[dict[str, Any]]:
    """Every chosen class, whether or not the dataset has objects of it. A class without a parent is its own kind."""
    return [
        {"id": category_id(each), "name": each.name, "supercategory": each.parent or each.name}
        for each in ontology.classes
    ]


def category_id(found: DatasetClass) -> int:
    """The same whatever was chosen, so that datasets of one project agree."""
    return found.place + 1
