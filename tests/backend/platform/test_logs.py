"""Logs hold no password hash, token, cookie, link or row, whichever library's error quotes one."""

import json
import logging

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.auth.secrets import TOKEN_PREFIX, new_secret
from backend.db.engine import Sessions
from backend.observability import configure_logging, redacted

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2g"


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    configure_logging(request.param)
    return request.param


async def test_a_failed_statement_is_logged_without_its_values(
    sessions: Sessions, log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format)  # type: ignore[arg-type]
    insert = text("INSERT INTO users (id, name, password_hash) VALUES (gen_random_uuid(), NULL, :secret)")
    try:
        async with sessions.begin() as session:
            await session.execute(insert, {"secret": HASH})
    except IntegrityError as error:
        structlog.get_logger().error("request.failed", exc_info=error)
        logging.getLogger("library").exception("it failed: %s", error)
    logged = capsys.readouterr().err
    assert "not-null" in logged
    assert "argon2" not in logged
    assert "Failing row" not in logged
    if log_format == "json":
        assert all(json.loads(line) for line in logged.splitlines())


@pytest.mark.parametrize(
    "private",
    [
        HASH,
        new_secret(),
        new_secret(TOKEN_PREFIX),
        "swordfish",
    ],
    ids=["hash", "secret", "token", "password"],  # drawn anew in every process, and xdist compares names
)
@pytest.mark.parametrize(
    "sentence",
    [
        "password={} of a connection",
        "{{'password': '{}'}}",
        "Cookie: {}",
        "postgresql://maskloom:{}@host/maskloom",
        "redis://:{}@host:6379",
        "GET /callback?code={}&state=x",
        "GET /callback?state={}",
    ],
)
def test_a_secret_is_left_out_of_any_sentence(sentence: str, private: str) -> None:
    assert private not in redacted(sentence.format(private))


@pytest.mark.parametrize("private", [HASH, new_secret(), new_secret(TOKEN_PREFIX)], ids=["hash", "secret", "token"])
def test_what_only_can_be_a_secret_needs_no_sentence(private: str) -> None:
    assert private not in redacted(f"https://maskloom.example.org/welcome#{private} ({private})")


def test_what_is_no_secret_stays() -> None:
    line = "request.finished method=GET path=/api/videos/3b0e5a1c-43f5-4be2-8e53-4a7b3a0c7d77 status=500 state=done"
    assert redacted(line) == line
    digest = "v/3b0e5a1c/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/proxy.mp4"
    assert redacted(digest) == digest
