"""Whatever is sent, the server does not fail: sense and nonsense that schemathesis makes from the description."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.generation import GenerationMode

from backend.app import create_app
from backend.settings import Settings
from tests.backend.backend_process import BackendProcess
from tests.backend.platform.site import minted_ids

SEED = 20261128
TURNS = 10  # some operations have nothing to vary: what they leave is asked of the others in another turn
AWAY = {"provider-failed"}  # nobody can sign in with a provider here: there is none
UNSENDABLE = (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, UnicodeError)


@pytest.mark.parametrize(
    "num_cases",
    [
        pytest.param(200, id="two hundred"),
        pytest.param(10_000, id="ten thousand", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
@pytest.mark.long
def test_no_request_makes_the_server_fail(site: BackendProcess, num_cases: int) -> None:
    description = create_app(Settings()).openapi()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations()]
    told: list[Told] = []
    with requests.Session() as session:
        for turn in range(TURNS):
            missing = num_cases - sum(found.status > 0 for found in told)
            ids: dict[str, str] = {}
            for operation in operations if missing > 0 else []:
                ids = ids or asyncio.run(minted_ids(site))
                _try(
                    operation,
                    -(-missing // len(operations)),
                    lambda case: told.append(_send(session, case, site.url)),
                    ids,
                    turn,
                )
                if operation.method.upper() != "GET":
                    ids = {}  # some of it may be gone
    failures = [f"{found.status} {found.slug}: {found.request}" for found in told if found.is_failure]
    assert failures == [], "\n".join(failures[:10])
    statuses = Counter(found.status for found in told)
    assert sum(statuses.values()) - statuses[0] >= num_cases, statuses
    assert {200, 404, 422} <= set(statuses), statuses
    print(len(told), "requests:", dict(sorted(statuses.items())))


@dataclass(frozen=True)
class Told:
    """Status 0 is what no client can send, or what the server hung up on, as it may on too large a body."""

    status: int
    slug: str
    request: str

    @property
    def is_failure(self) -> bool:
        return self.status >= 500 and self.slug not in AWAY and "/api/health" not in self.request


def _try(operation: Any, num_cases: int, send: Callable[[Case], None], ids: dict[str, str], turn: int) -> None:
    """Three of four requests go to what is there."""

    @seed(SEED + turn)
    @settings(
        max_examples=num_cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation), known=st.integers(0, 3))
    def every(case: Case, known: int) -> None:
        if known:
            case.path_parameters = {name: ids.get(name, value) for name, value in (case.path_parameters or {}).items()}
        send(case)

    every()


def _cases(operation: Any) -> st.SearchStrategy[Case]:
    """As described, and against the description."""
    modes = [GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    if not operation.body and not operation.query and not operation.headers and not operation.path_parameters:
        modes = modes[:1]  # nothing of it can be wrong
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])


def _send(session: requests.Session, case: Case, url: str) -> Told:
    named = f"{case.method} {case.path} {case.path_parameters} {str(case.body)[:300]}"
    try:
        parts = case.as_transport_kwargs(base_url=url)
        with session.request(**parts, stream=True, timeout=60, allow_redirects=False) as answer:
            if answer.status_code < 500:
                return Told(answer.status_code, "", named)  # a stream may go on for ever
            return Told(answer.status_code, str(answer.json().get("type", "")).rpartition(":")[2], named)
    except UNSENDABLE:
        return Told(0, "", named)
    except requests.exceptions.ConnectionError:
        requests.get(f"{url}/api/sign-in", timeout=30).raise_for_status()
        return Told(0, "", named)
