"""Everything in a message between backend and model server has a bound, found by walking the messages themselves."""

import importlib
import math
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from model_server import contract
from model_server.contract.catalogue import HealthRead
from model_server.contract.problems import Problem
from model_server.contract.tracking import RunFailed, RunMask
from model_server.contract.wire import Message, Metrics, Name
from tests.bounds import unbounded


def messages() -> list[type[BaseModel]]:
    for module in pkgutil.iter_modules(contract.__path__):
        importlib.import_module(f"{contract.__name__}.{module.name}")
    return [Problem, *_subclasses(Message)]


def _subclasses(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in of.__subclasses__():
        if each.__module__.startswith(contract.__name__):
            yield each
            yield from _subclasses(each)


def missing(message: type[BaseModel]) -> list[str]:
    schema = message.model_json_schema()
    mappings = [
        f"{message.__name__}.{name}: maxProperties"
        for name, field in schema["properties"].items()
        if "additionalProperties" in field and "maxProperties" not in field
    ]
    return [*unbounded(schema, message.__name__, schema.get("$defs", {})), *mappings]


def test_there_are_messages_to_walk() -> None:
    assert {"PromptRequest", "RestoreRequest", "RunMask", "Tuned", "CatalogueRead"} <= {
        message.__name__ for message in messages()
    }


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.__name__)
def test_everything_in_a_message_has_a_bound(message: type[BaseModel]) -> None:
    assert missing(message) == []


def test_what_has_no_bound_is_found() -> None:
    class Unbounded(BaseModel):
        text: str
        numbers: tuple[int, ...]
        pair: tuple[float, float]
        named: dict[str, Any]

    assert missing(Unbounded) == [
        "Unbounded.text: maxLength",
        "Unbounded.numbers: maxItems",
        "Unbounded.numbers[]: maximum",
        "Unbounded.pair: maximum",
        "Unbounded.pair: maximum",
        "Unbounded.named: maxProperties",
    ]


def test_a_reason_that_is_too_long_is_cut_and_not_refused() -> None:
    failed = RunFailed(t="error", code="model-failed", detail="x" * 1_000_000)
    assert (len(failed.detail), failed.detail[:2], failed.detail[-1]) == (10_000, "xx", "…")
    assert RunFailed.model_validate_json(failed.model_dump_json()) == failed
    assert HealthRead(status="failed", contract_version=1, detail="y" * 20_000).detail is not None


def test_metrics_too_large_to_show_are_left_out() -> None:
    class Card(Message):
        name: Name
        metrics: Metrics

    assert Card(name="n", metrics={"j": 0.5}).metrics == {"j": 0.5}
    assert Card(name="n", metrics={"log": "z" * 2_000_000}).metrics == {}


@pytest.mark.parametrize("score", [math.nan, math.inf, 1e40])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    given = {"object_id": "a", "frame_index": 0, "mask": {"size": (1, 1), "counts": "1"}, "area": 0, "candidate": None}
    more = {
        "predicted_iou": 0.5,
        "stability": 0.5,
        "seconds": 0.1,
        "model_version": "v",
        "token": "",
        "seq": 0,
        "t": "mask",
    }
    RunMask.model_validate(given | more | {"object_score": 1.0})
    with pytest.raises(ValidationError, match="object_score"):
        RunMask.model_validate(given | more | {"object_score": score})
