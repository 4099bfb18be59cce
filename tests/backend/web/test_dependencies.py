"""What stands before a route runs in the event loop: handing it to a thread takes longer than any of it needs."""

from collections.abc import Callable, Iterator
from inspect import isasyncgenfunction, iscoroutinefunction, isfunction
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from backend.app import create_app
from backend.settings import Settings


def threaded(app: FastAPI) -> set[str]:
    """The dependencies of routes that FastAPI runs in a thread."""
    found = {call for route in iter_route_contexts(app.routes) for call in _below(route.dependant)}
    return {f"{call.__module__}.{call.__qualname__}" for call in found if not _is_async(call)}


def _below(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        assert each.call is not None
        yield each.call if isfunction(each.call) or isinstance(each.call, type) else type(each.call).__call__
        yield from _below(each)


def _is_async(call: Callable[..., Any]) -> bool:
    return iscoroutinefunction(call) or isasyncgenfunction(call)


def test_no_dependency_of_a_route_runs_in_a_thread() -> None:
    assert threaded(create_app(Settings())) == set()


def test_a_planted_one_is_caught() -> None:
    def plain() -> int:
        return 1

    class Made: ...

    app = FastAPI(openapi_url=None)

    @app.get("/")
    async def route(_number: Annotated[int, Depends(plain)], _made: Annotated[Made, Depends(Made)]) -> None: ...

    names = {name.rpartition(".")[2] for name in threaded(app)}
    assert names == {"plain", "Made"}
