"""Masklets begin at one place, whoever makes them, so that nothing they need is forgotten anywhere."""

import ast

from tests.architecture.source import Source, product, source

PLACE = "backend/masklets/service.py"
DESCRIBING = "backend/ontology/description.py"


def makes_masklets(module: Source) -> bool:
    """Whether it makes rows of the table."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Masklet"
        for node in ast.walk(ast.parse(module.text))
    )


def test_masklets_begin_at_one_place() -> None:
    made = [str(module.path) for module in product() if module.path.suffix == ".py" and makes_masklets(module)]
    assert made == [PLACE]
    assert makes_masklets(source("backend/videos/service.py", "def f(): return Masklet(number=1)"))


def sets_classes(module: Source) -> bool:
    """Whether it gives something a class."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "class_id" and isinstance(node.ctx, ast.Store)
        for node in ast.walk(ast.parse(module.text))
    )


def test_masklets_get_their_class_at_one_place() -> None:
    setting = [str(module.path) for module in product() if module.path.suffix == ".py" and sets_classes(module)]
    assert setting == [DESCRIBING]
    assert sets_classes(source("backend/videos/service.py", "def f(m): m.class_id = None"))
